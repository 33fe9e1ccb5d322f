create table t (a int) engine = MyISAM with system versioning;
