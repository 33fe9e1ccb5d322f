create table t (a int) partition by linear key algorithm=1 (a) partitions 3;
create table u (a int) partition by range (a) subpartition by key algorithm=1 (a) subpartitions 2 (partition p0 values less than (3));
create table w (a int);
