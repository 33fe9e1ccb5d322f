create table t (b int, g int as (b + 1) virtual, key (g));
