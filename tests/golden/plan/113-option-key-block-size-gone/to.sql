create table t (id int primary key, a int, key ka (a), unique ub (a));
