create table t (a int not null, b text, c text, unique ua (a), unique (b), unique (c));
