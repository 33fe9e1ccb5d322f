create procedure p() select 1;
create function f() returns int return 1;
create procedure q(inout x int) sql security invoker comment 'it''s' set x = 1;
