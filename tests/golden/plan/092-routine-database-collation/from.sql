create table t (a int);
create procedure p() select 1;
