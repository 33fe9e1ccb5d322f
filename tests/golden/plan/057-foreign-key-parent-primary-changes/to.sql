create table p (id int, v int, primary key (id, v));
create table c (id int, foreign key (id) references p (id));
