create table t (a int primary key) partition by hash (a) partitions 4;
create table k (a int primary key) partition by linear key (a) partitions 2;
