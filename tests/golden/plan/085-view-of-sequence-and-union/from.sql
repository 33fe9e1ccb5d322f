create sequence s start with 10;
create table t (a int);
