create sequence s;
create table t (a int default nextval(s), c int);
create view w as select a, c from t;
create trigger g before insert on t for each row set @x = 1;
drop sequence s;
create table v (x int);
