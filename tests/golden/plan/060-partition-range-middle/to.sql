create table t (a int) partition by range (a) (partition p0 values less than (10), partition p1a values less than (15), partition p1b values less than (25), partition p2 values less than (30));
