create table t (a int, b int) with system versioning partition by system_time limit 1000 (partition p0 history, partition p1 history, partition pn current);
