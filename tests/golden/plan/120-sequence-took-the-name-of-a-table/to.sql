create table t (a int, b int);
create view v as select b from t;
drop table t;
create sequence t start with 5;
create view w as select * from t;
