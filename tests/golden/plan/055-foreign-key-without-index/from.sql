create table p (id int primary key);
create table c (a int, b int);
