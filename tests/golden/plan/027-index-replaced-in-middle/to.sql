create table t (a int, b int, c int, d text, key ka (a), key kb (b, c), key kc (c), fulltext kf (d) comment 'x', fulltext kf2 (d));
