create table t (a int, s date, e date, period for p (s, e));
