create table t (a int, b int not null, c int not null, unique uc (c), unique ua (a), unique ub (b), key k (a));
