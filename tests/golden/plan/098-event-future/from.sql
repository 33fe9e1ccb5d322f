create event e on schedule at '2035-01-01 00:00:00' do select 1;
create event gone on schedule every 1 hour starts '2030-01-01 00:00:00' do select 1;
