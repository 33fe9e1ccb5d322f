create table p (b int, a int, primary key (a, b));
create table c (y int, x int, k int, constraint f foreign key (x, y) references p (a, b), key (k));
