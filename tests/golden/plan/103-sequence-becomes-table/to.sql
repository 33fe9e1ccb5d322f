create table s (a int);
create table t (a int);
