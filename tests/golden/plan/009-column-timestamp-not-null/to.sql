create table t (a int, ts timestamp not null default current_timestamp on update current_timestamp, u timestamp not null);
