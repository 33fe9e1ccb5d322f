create table t (a int, b int);
create table v (x int);
