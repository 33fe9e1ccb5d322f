create table p (id bigint primary key);
create table c (a bigint, b int, key first_one (b), key f (a), key ab (a, b), key last_one (b, a), constraint f foreign key (a) references p (id));
