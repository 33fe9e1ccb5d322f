create table t (a int, b int, key (a));
create view v as select * from t;
create view w as select a, b from v;
create view x as select a as A, b from t;
create view y as select A from x;
alter table t change a A bigint;
create or replace view x as select a, b from t;
