create sequence s;
create table t (a int);
create view v as select nextval(s) as n;
drop sequence s;
