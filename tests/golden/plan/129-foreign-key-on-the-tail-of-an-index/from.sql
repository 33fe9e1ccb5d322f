create table p (a int, b int, key k (a), primary key (b));
create table c (a int, b int, constraint f foreign key (a, b) references p (a, b));
