create view t as select 1 as a;
create table v (a int);
create table s (a int);
