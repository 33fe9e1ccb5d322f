set sql_mode = 'NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE';
create procedure p(a int) reads sql data comment 'it''s
\' set @x = '\';
create function f(a int) returns int deterministic sql security invoker comment '\\' return 1;
create event e on schedule every 1 day starts '2030-01-01 00:00:00' comment 'a\b' do set @x = '\';
