create table t (a int, b int, c int, key kc (c), key ka (a), key kb (b));
