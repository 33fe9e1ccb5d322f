create table p (id int, v int, primary key (id));
create table c (id int, foreign key (id) references p (id));
