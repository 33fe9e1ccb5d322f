create table t (a int not null, b int, c int not null, unique ub (b), unique ua (a), unique uc (c), key k (a, b));
