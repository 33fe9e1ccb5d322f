create table p (id int primary key);
create table c (a int, b int, constraint f foreign key (a) references p (id));
set foreign_key_checks = 0;
alter table c drop index f;
