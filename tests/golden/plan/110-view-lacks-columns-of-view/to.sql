create table t (a int, b int);
create view v as select a, b from t;
create view w as select b as z from v;
create view x as select z from w;
create or replace view v as select a from t;
