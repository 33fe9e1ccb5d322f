create table t (id int not null auto_increment, primary key (id));
