create table p (id int, unique key k (id));
create table c (a int, b int, constraint f foreign key (a) references p (id));
create table d (a int, constraint g foreign key (a) references p (id));
set foreign_key_checks = 0;
alter table p drop index k;
