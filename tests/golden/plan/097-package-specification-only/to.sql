set sql_mode = 'ORACLE';
delimiter //
create package pk as procedure x; /* a comment */ end//
create package body pk as procedure x as begin null; end; end//
delimiter ;
