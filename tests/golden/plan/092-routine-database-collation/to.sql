create table t (a int);
alter database collate utf8mb4_bin;
create procedure p() select 1;
alter database collate latin1_swedish_ci;
create function f(x varchar(10)) returns varchar(10) return x;
create trigger g before insert on t for each row set new.a = 1;
create event e on schedule every 1 day starts '2030-01-01 00:00:00' do select 1;
alter database collate utf8mb4_general_ci;
