create table t (id int primary key, a int, g int as (a % 10) stored, unique ug (g), constraint cg check (g < 10 or a is null));
