create table p (a int, b int not null, key k (a));
create table c (a int, b int);
