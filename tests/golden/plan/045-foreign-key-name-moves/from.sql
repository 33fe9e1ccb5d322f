create table p (id int primary key);
create table c1 (a int, constraint f foreign key (a) references p (id));
create table c2 (a int, key (a));
