create procedure P() select 1;
create function f(x int) returns int return 1;
