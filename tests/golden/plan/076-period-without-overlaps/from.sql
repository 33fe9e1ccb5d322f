create table t (a int, s date, e date);
