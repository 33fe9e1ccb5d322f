create table t (a int default (b + 1), b int default 3);
