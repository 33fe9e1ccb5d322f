create table t (a int, b int, key kb (b), unique u (a, b));
