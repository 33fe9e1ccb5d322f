create table t (a int, b varchar(10) default 'x''y', c datetime default current_timestamp on update current_timestamp);
