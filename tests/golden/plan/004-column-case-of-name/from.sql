create table t (Total int, b int);
