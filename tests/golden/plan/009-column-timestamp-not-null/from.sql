create table t (a int, ts timestamp not null);
