create table p (id int primary key);
create table c (a int, b int, key zz (b), key a (a), constraint other foreign key (a) references p (id));
