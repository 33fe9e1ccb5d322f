create table p (id int, key k (id));
create table c (a int, constraint f foreign key (a) references p (id));
