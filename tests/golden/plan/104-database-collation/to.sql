alter database character set latin1 collate latin1_bin;
create table t (a varchar(10));
create procedure p() select 1;
