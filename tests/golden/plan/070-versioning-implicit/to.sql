create table t (a int, b int without system versioning, c int) with system versioning;
