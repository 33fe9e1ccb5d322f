create table t (e int, a int, c int, b int, d int);
