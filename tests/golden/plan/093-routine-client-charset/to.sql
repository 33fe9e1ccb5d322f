set names latin1;
create procedure p() select 1;
set character_set_client = cp1251, collation_connection = cp1251_bin;
create function f() returns int return 2;
create view v as select 1 as x;
