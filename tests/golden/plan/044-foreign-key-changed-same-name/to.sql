create table p (id int primary key, u int, unique (u));
create table c (a int, b int, key (a), key kb (b), constraint f foreign key (a) references p (id) on delete cascade, constraint g foreign key (b) references p (u) on update set null);
