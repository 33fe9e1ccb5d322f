create table t (a inet6, b int, c int, key (a));
