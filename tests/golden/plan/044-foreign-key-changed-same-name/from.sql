create table p (id int primary key, u int, unique (u));
create table c (a int, b int, key (a), constraint f foreign key (a) references p (id));
