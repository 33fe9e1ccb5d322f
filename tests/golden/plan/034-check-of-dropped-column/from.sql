create table t (a int, b int, check (b > 0), constraint x check (a > b));
