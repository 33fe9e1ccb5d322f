set sql_mode = '';
create table t (a int, b int, c int) with system versioning comment 'x' partition by system_time subpartition by key (a) subpartitions 2 (partition p0 history, partition p1 history, partition pn current);
