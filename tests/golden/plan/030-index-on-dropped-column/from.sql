create table t (a int, b int, c int, key kab (a, b), key kb (b), primary key (a, c));
