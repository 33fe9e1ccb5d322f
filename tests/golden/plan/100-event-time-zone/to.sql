create table t (a int);
set time_zone = '+05:30';
create event e on schedule at '2035-01-01 00:00:00' do select 1;
set timestamp = unix_timestamp('2001-01-01 00:00:00');
create event p on schedule at '2002-01-01 00:00:00' do select 1;
