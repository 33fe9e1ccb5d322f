create table p (id int, key k (id));
create table c (a int, b int, constraint f foreign key (a) references p (id));
set foreign_key_checks = 0;
drop table p;
set foreign_key_checks = 0;
create table p (id int, key k (id)) partition by hash (id) partitions 2;
