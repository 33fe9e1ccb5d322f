create table other (a int);
drop table other;
