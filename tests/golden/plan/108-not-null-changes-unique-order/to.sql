create table t (a int not null, b int, unique ua (a), unique ub (b));
