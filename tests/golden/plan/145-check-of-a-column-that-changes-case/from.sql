create table t (a int, e int, constraint c check (e > a), constraint d check (a > 0));
