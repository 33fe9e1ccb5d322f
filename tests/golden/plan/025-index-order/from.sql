create table t (a int, b int, c int, key ka (a), key kb (b), key kc (c));
