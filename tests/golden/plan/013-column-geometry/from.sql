create table t (a int, p point not null, spatial key (p));
