create table t (a int, c int, key kab (a), primary key (a));
