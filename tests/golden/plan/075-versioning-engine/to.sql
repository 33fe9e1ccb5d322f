create table t (a int) engine = InnoDB with system versioning;
