create table p (name varchar(10) primary key) charset utf8mb4;
create table c (n varchar(10), key (n), foreign key (n) references p (name)) charset utf8mb4;
