create table t (a int);
create sequence old;
create table u (a int default nextval(old), b int);
