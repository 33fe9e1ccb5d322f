create table t (a int, b int, primary key (a)) partition by hash (a) partitions 4;
