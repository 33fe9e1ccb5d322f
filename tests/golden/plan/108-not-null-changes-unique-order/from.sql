create table t (a int, b int not null, unique ua (a), unique ub (b));
