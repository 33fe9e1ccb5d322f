set sql_mode = 'ORACLE';
delimiter //
create package pk as procedure x; end//
create package body pk as procedure x as begin null; end; end//
create package gone as procedure x; end//
create package body gone as procedure x as begin null; end; end//
create package bodiless as procedure x; end//
create package body bodiless as procedure x as begin null; end; end//
delimiter ;
