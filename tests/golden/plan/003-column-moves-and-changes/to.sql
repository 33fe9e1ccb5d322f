create table t (x int, c bigint not null, y int, a varchar(5), z int, d int, w int);
