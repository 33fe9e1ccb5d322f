create table t (a int, b int, d datetime not null default '0000-00-00 00:00:00', e date default '2020-00-00');
