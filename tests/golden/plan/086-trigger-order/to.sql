create table t (a int, b int);
create trigger t2 before insert on t for each row set new.a = 2;
create trigger t1 before insert on t for each row set new.b = 1;
create trigger t3 before insert on t for each row set new.a = 3;
create trigger u1 after update on t for each row set @x = old.a;
