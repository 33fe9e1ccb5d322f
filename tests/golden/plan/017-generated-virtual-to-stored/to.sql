create table t (a int, b int as (a + 1) stored, c int as (b + 1) virtual, key kb (b), check (b > 0));
