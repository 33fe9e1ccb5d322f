create table t (a int, b text compressed, c varchar(200) compressed);
