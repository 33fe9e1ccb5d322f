create table t (a int, b int as (a) stored, c int check (c > b));
