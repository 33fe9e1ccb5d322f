create table t (a int, key (a)) engine = Aria transactional = 0;
