create table t (id varchar(36) not null, x int, primary key (id));
