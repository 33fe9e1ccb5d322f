create table t (a int) partition by range (a) (partition p0 values less than (5));
create sequence s;
create table h (a int) with system versioning;
create view v as select a, nextval(s) as n from t partition (p0);
create view w as select a from h for system_time all;
drop table t, h;
drop sequence s;
create table t2 (a int);
