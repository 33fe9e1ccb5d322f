create table p (id int primary key);
create table c1 (a int, key (a));
create table c2 (a int, constraint f foreign key (a) references p (id));
