create table t (a varchar(10));
create procedure p() select 1;
