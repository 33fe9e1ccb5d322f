create table t (a int);
create function f(x int) returns int deterministic return x;
create view v as select f(a) as a, a as b from t where f(a) > 1;
create view w as select * from v;
drop function f;
