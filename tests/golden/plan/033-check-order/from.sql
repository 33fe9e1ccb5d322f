create table t (a int, b int check (b > 1), constraint c1 check (a > 0), constraint c2 check (a < 10), check (a <> 5));
