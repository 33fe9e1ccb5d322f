create table t (a int, b int, c int, d text, key ka (a), key kb (b), key kc (c), fulltext kf (d));
