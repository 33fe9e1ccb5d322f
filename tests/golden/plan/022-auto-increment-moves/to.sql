create table t (a int, b int not null auto_increment, key kb (b));
