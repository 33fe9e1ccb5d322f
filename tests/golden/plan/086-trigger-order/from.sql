create table t (a int);
create trigger t1 before insert on t for each row set new.a = 1;
create trigger t2 before insert on t for each row set new.a = 2;
create trigger t3 before insert on t for each row set new.a = 3;
