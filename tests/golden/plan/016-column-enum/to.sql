create table t (a enum('y','x') not null default 'y', b set('a','b','c'));
