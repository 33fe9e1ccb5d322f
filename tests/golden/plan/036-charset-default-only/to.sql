create table t (a varchar(10) character set latin1, b int, c text) charset utf8mb4 collate utf8mb4_bin;
