create table u (a int);
create trigger g before insert on u for each row set new.a = 1;
