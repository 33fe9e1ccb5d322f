create table t (a int, b int, c int, d int as (a + 5) stored);
