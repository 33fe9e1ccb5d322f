create table k (id int primary key, z int, key (z));
