create table p (id int primary key);
create table c (a int, b int, foreign key (a) references p (id));
