create table p (id int primary key) engine = InnoDB;
create table c (id int primary key, p int, key (p), constraint f foreign key (p) references p (id)) engine = InnoDB;
