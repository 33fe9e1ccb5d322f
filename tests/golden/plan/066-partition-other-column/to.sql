create table t (a int, b bigint, primary key (b)) partition by range columns (b) (partition p0 values less than (5), partition p1 values less than (maxvalue));
