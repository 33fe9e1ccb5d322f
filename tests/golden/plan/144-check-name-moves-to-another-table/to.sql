create table a (x int, constraint d check (x > 0));
create table b (x int, constraint c check (x > 1));
