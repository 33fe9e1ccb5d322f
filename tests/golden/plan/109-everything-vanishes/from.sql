create table p (id int primary key);
create table c (id int, foreign key (id) references p (id));
create view v as select 1 as x;
create trigger g before insert on c for each row set new.id = 1;
create procedure r() select 1;
create function f() returns int return 1;
create event e on schedule every 1 day starts '2030-01-01 00:00:00' do select 1;
create sequence s;
