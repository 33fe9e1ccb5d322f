create table p (id bigint unsigned primary key, name varchar(20), unique (name));
create table c (a bigint unsigned not null, n varchar(20), foreign key (a) references p (id), foreign key (n) references p (name));
create table d (a bigint unsigned, foreign key (a) references p (id));
