create table t (a int, s datetime, e datetime, x datetime, period for p (s, e));
