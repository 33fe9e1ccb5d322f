create table t (a int, constraint x check (a > 0));
