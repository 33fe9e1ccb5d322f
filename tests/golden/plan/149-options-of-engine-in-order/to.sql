create table t (a int) page_compression_level = 3 page_compressed = 1;
