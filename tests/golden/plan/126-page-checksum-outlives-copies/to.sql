create table t (a int, b int) page_checksum = 1;
create view v as select b from t;
alter table t drop b;
set foreign_key_checks = 0;
alter table t add constraint f foreign key (a) references gone (id);
alter table t page_checksum = 1;
