create table t (a int, b int, c varchar(100), key ka (a), key kb (b), unique kc (c(10)));
