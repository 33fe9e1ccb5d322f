create table t (a int, B int);
alter table t partition by range columns (b) (partition p0 values less than (5));
