create table t (a int invisible default 5, b varchar(10) comment 'it''s; -- \\ `q`', c datetime);
