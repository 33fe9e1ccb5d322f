create table t (a int);
create view v as select a from t;
create view w as select a from v with cascaded check option;
create sql security invoker view x as select a from w;
create or replace definer = nobody@nowhere view v as select a from t;
create or replace definer = nobody@nowhere view w as select t.a from t with local check option;
