set foreign_key_checks = 0;
create table c (a int, key (a), constraint f foreign key (a) references gone (id));
