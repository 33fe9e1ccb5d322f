create table t (a varchar(10) character set latin1, b int) charset latin1;
