create table t (b varchar(10), a int, key (a));
