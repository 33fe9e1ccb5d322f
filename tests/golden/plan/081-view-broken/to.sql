create table t (a int, b int);
create table u (a int, c varchar(5));
create view v as select x.a, t.b, c from t join u as x on x.a = t.a;
create view w as select v.a from v;
drop table u;
