create table t (a int, e int);
create view v as select a, e from t;
alter table t change e E int;
create view w as select E from t;
