create table a (id int primary key, b int);
create table b (id int primary key, a int, foreign key (a) references a (id));
alter table a add foreign key (b) references b (id);
