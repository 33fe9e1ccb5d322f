create table t (a int not null auto_increment primary key, b int);
