create table t (a int, g varchar(20) as (concat(a, 'x')) virtual, key (g));
