create table p (id int primary key);
create table c (id int primary key, foreign key (id) references p (id));
