create table t (u varchar(40) not null default (uuid()) comment 'x', a int, r double default (rand()), j int default (1 + 1));
