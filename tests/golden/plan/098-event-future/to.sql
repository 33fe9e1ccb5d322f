create event e on schedule every 2 day starts '2030-01-01 00:00:00' ends '2031-01-01 00:00:00' on completion preserve disable comment 'c' do select 2;
delimiter //
create event f on schedule every '1:30' hour_minute starts '2030-01-01 00:00:00' do begin select 1; select 2; end//
delimiter ;
