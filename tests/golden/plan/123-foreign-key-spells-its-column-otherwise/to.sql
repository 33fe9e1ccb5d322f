create table p (id int primary key);
create table c (A int);
alter table c add constraint f foreign key (a) references p (id);
