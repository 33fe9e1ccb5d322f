create table t (a int, d datetime not null default '0000-00-00 00:00:00');
