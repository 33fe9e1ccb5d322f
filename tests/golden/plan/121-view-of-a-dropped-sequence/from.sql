create sequence s;
create view v as select * from s;
