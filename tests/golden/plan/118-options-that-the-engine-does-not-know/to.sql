create table t (a int) engine = MyISAM;
set sql_mode = '';
alter table t transactional = 1;
create table u (a int, key k (a)) engine = Aria;
alter table u partition by range (a) (partition p values less than (5));
alter table u page_checksum = default;
