create table p (id int primary key) engine = MyISAM;
create table c (id int primary key, p int, key (p)) engine = MyISAM;
