create table t (a int, e bigint);
create table u (e varchar(60) compressed not null);
alter table u alter e drop default;
