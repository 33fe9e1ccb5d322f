create table t (a int);
delimiter //
create aggregate function agg(x int) returns int
begin
  declare n int default 0;
  declare continue handler for not found return n;
  loop
    fetch group next row;
    set n = n + x;
  end loop;
end//
delimiter ;
