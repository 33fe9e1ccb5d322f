create table t (a int);
set timestamp = unix_timestamp('2001-01-01 00:00:00');
create event e on schedule at '2002-01-01 00:00:00' do select 1;
create event p on schedule at '2002-01-01 00:00:00' on completion preserve do select 1;
create event r on schedule every 1 day starts '2001-02-01 00:00:00' ends '2002-01-01 00:00:00' do select 1;
create event g on schedule every 1 day starts '2001-01-01 00:00:00' do select 2;
set timestamp = default;
