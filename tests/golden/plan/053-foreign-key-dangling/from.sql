create table p (id int primary key);
create table c (a int, key (a), constraint f foreign key (a) references p (id));
