create table t (a int check (a > 3), b int, constraint c2 check (a < 10), constraint c1 check (a > 1), constraint c3 check (b > a));
