create table `tÃ¤` (a int);
set names latin1;
create procedure `pä`(a int, `ö` int) comment 'it''s ä' set @x = 'ä';
create function `fä`(a int) returns varchar(3) charset utf8mb4 deterministic comment 'ä\\''' return 'ä';
create event `ä` on schedule every 1 day starts '2030-01-01 00:00:00' comment 'ä' do set @x = 'ä';
create trigger `gä` before insert on `tä` for each row set @x = 'ä';
