set sql_mode = 'ORACLE';
delimiter //
create package pk as procedure x; procedure y; end//
create package body pk as procedure x as begin null; end; procedure y as begin null; end; end//
create package made as procedure x; end//
create package body made as procedure x as begin null; end; end//
create package bodiless as procedure x; end//
delimiter ;
