create table t (a int, c int);
create function f2(x int) returns int deterministic return x + 2;
create view v0 as select a, c from t;
create view v1 as select f2(a) as a, c from v0;
create view a2 as select * from v1;
