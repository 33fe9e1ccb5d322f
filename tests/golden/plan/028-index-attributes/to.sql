create table t (a int, b int, c varchar(100), key ka (a) comment 'c', key kb (b) ignored, unique kc (c) using btree, key kd (a desc));
