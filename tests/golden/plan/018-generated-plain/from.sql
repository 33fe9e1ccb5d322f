create table t (a int, b int as (a + 1) virtual, c int as (a * 2) stored, d int);
