create table t (a int);
create view v as select a from t;
drop table t;
create sequence t;
