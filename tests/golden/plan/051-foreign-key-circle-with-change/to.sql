create table a (id int unsigned primary key, b int unsigned);
create table b (id int unsigned primary key, a int unsigned, constraint other foreign key (a) references a (id));
alter table a add foreign key (b) references b (id);
