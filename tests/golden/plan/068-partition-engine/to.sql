create table t (a int) engine = Aria partition by hash (a) partitions 2;
