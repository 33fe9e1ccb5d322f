create table t (a int) engine = InnoDB page_compressed = 1 page_compression_level = 3;
