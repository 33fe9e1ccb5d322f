create table t (a int, c varchar(10) not null default 'x', d int);
