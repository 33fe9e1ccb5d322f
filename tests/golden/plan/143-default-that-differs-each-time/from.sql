create table t (a int, r int);
