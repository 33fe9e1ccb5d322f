create table t (b bigint, c int, a int) with system versioning;
