create table t (a int not null, b text, unique (b), unique ua (a));
