create table t (a int, b int);
create function f(x int) returns int deterministic return x + 1;
create view v1 as select a from t;
create view a2 as select f(a) as fa from v1;
