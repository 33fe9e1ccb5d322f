create sequence s;
create table t (a int default nextval(s));
drop sequence s;
create table s (id int primary key);
create sequence v;
create table u (a int default nextval(v));
drop sequence v;
create view v as select a from t;
