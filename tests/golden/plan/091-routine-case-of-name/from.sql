create procedure p() select 1;
create function F(x int) returns int return 1;
