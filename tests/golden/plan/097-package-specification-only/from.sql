set sql_mode = 'ORACLE';
delimiter //
create package pk as procedure x; end//
create package body pk as procedure x as begin null; end; end//
delimiter ;
