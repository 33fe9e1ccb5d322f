create table t (id int primary key, a int, g int as (a % 20) virtual, unique ug (g), constraint cg check (g < 20));
