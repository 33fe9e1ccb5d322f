create table t (a int) partition by key (a) partitions 3;
create table u (a int) partition by range (a) subpartition by key algorithm=1 (a) subpartitions 2 (partition p0 values less than (3), partition p1 values less than (5));
create table w (a int) partition by key algorithm=1 (a) partitions 2;
