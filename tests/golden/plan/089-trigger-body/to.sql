create table t (a int, b text);
set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';
delimiter //
create trigger g after delete on t for each row
begin
  -- a comment; with 'quotes"
  set @x = concat('a\', old."b");
end//
delimiter ;
