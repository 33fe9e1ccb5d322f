create table t (a int, E int, constraint c check (E > a), constraint d check (a > 0));
