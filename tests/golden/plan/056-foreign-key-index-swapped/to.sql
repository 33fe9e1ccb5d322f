create table p (id int primary key, x int, y int, key kxy (x, y));
create table c (x int, y int, key kxy (x, y), constraint f foreign key (x) references p (x));
