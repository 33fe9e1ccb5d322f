create table t (b int default 4, a int default (b + 2), c int default (a));
