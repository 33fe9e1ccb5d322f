create table t (a int, b int);
create view v as select a, b from t;
alter table t drop column b;
