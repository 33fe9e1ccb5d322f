create sequence s;
create algorithm = temptable view w as select * from s;
drop sequence s;
