create table t (a int, b int) with system versioning;
