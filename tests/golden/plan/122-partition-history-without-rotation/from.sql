create table t (a int, b int) with system versioning;
create table u (a int) partition by hash (a);
