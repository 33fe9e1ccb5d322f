create table t (a int, b int);
create event e on schedule every 1 day starts '2030-01-01 00:00:00' do insert into t (b) values (1);
create event off on schedule every 2 day starts '2030-01-01 00:00:00' disable comment 'enable' do set @x = 1;
