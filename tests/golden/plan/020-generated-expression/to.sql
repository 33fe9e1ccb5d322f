create table t (a bigint, g varchar(30) as (concat(a, 'y')) virtual, key (g));
