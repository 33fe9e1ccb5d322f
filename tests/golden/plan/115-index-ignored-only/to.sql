create table t (a int, b int, key ka (a) ignored, key kb (b));
