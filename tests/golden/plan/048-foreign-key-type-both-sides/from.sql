create table p (id int primary key, name varchar(10), unique (name));
create table c (a int, n varchar(10), foreign key (a) references p (id), foreign key (n) references p (name));
create table d (a int, foreign key (a) references p (id));
