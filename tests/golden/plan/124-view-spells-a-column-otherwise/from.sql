create table t (a int, b int, key (a));
create view v as select * from t;
create view w as select a as x, b as y from v where a > b;
