delimiter //
create procedure p(in a int, out b varchar(10) character set latin1)
  modifies sql data
begin
  declare exit handler for sqlexception begin end;
  -- keep me;   
  select 'x;;y' into b; /* ;; */
end//
delimiter ;
create function f() returns varchar(20) character set latin1 deterministic return 'x';
set sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT';
create procedure ansi() select "a" || 'b' from t;
set sql_mode = 'ORACLE';
delimiter //
create procedure ora(a in varchar2) as b int; begin b := 1; end//
delimiter ;
