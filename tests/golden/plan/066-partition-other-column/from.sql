create table t (a int, b int, primary key (a, b), unique u (a, b)) partition by hash (a) partitions 4;
