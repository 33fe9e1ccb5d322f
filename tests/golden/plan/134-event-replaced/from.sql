create table t (a int);
create event e on schedule every 1 day starts '2030-01-01 00:00:00' do insert into t (a) values (1);
create event off on schedule every 1 day starts '2030-01-01 00:00:00' disable comment 'enable' do set @x = 1;
