create table t (a int) engine = MyISAM partition by hash (a) partitions 2;
