create table t (a int, b int, g int as (a + b) virtual, h int as (g * 2) stored, key (g));
