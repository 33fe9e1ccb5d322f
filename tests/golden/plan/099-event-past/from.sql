create table t (a int);
create event g on schedule every 1 day starts '2001-01-01 00:00:00' do select 1;
