create table t (a int, b int, key ka (a), key kb (b), key kc (a, b));
