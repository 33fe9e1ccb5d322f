set sql_mode = 'NO_BACKSLASH_ESCAPES';
create procedure p(a int) comment 'it''s \n ä' set @x = '\';
create function f(a int) returns int deterministic comment '\' return 1;
create event e on schedule every 1 day starts '2030-01-01 00:00:00' comment 'a\b''' do set @x = '\';
