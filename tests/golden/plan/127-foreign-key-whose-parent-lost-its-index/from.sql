create table p (id int, unique key k (id));
create table c (a int, constraint f foreign key (a) references p (id));
create table d (a int);
