create table t (a varchar(10)) charset utf8mb3 collate utf8mb3_bin;
