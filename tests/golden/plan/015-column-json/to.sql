create table t (a int, j longtext, k json default '{}');
