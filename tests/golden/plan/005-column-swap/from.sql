create table t (a int, b varchar(10), key (a));
