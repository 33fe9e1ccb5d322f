create table t (id int primary key, a int, key ka (a), unique ub (a)) row_format = compressed key_block_size = 8;
