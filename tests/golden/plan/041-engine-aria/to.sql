create table t (a int, key (a)) engine = InnoDB;
