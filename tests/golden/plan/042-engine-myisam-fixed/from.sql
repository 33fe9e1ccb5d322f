create table t (a int, b char(10)) engine = MyISAM row_format = fixed checksum = 1;
