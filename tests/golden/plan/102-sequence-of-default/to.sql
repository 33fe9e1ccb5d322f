create sequence s;
create table t (a int default nextval(s), b int default (lastval(s)));
create table u (b int);
