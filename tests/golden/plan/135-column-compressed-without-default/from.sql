create table t (a int, e text compressed not null);
alter table t alter e drop default;
