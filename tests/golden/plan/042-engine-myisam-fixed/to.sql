create table t (a int, b char(10)) engine = InnoDB row_format = compressed;
