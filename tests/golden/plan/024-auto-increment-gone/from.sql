create table t (id int not null auto_increment, x int, primary key (id)) auto_increment = 100;
