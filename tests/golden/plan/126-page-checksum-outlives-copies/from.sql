create table t (a int, b int) page_checksum = 1;
create view v as select b from t;
