create table p (id int primary key, x int, y int, key kx (x), key kxy (x, y));
create table c (x int, y int, key kx (x), constraint f foreign key (x) references p (x));
