create table t (a int, b inet6, c uuid);
