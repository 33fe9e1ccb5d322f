create table t (id int not null auto_increment, x int not null, primary key (x), unique key (id));
