create table t (a int);
create algorithm = merge sql security invoker view v as select a from t where a > 1 with cascaded check option;
