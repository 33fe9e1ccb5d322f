create table p (id int primary key);
create table c (id int primary key) partition by key () partitions 3;
