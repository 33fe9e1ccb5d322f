create table p (id int primary key);
create table c (a int, b int, key first_one (b), constraint f foreign key (a) references p (id), key last_one (b, a));
