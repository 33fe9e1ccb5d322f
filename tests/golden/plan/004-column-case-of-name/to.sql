create table t (total int, b int);
