create table t (a int, b int, key kc (a, b) ignored, key ka (a), key kb (b) ignored);
