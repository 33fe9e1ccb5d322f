create sequence s;
create table t (a int default nextval(s), b int);
create view v as select nextval(s) + 1 as n;
drop sequence s;
