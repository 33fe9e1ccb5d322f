create table t (a int) page_compressed = 1 page_compression_level = 3;
