create table c (a int, key (a));
