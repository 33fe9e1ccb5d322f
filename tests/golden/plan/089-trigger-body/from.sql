create table t (a int, b text);
delimiter //
create trigger g after delete on t for each row
begin
  -- a comment; with 'quotes"
  /* another */ if old.a > 1 then
    set @x = concat('a;b', "c", old.b);
  end if; # done
end//
delimiter ;
