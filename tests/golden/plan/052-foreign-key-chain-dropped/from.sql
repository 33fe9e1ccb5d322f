create table z (id int primary key);
create table m (id int primary key, foreign key (id) references z (id));
create table a (id int primary key, foreign key (id) references m (id));
create table k (id int primary key, z int, foreign key (z) references z (id));
