create table t (a int, b int as (a) virtual, c int check (c > b));
