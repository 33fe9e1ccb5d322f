create table t (a int, key k (a), primary key (a));
create table u (a int, key k (a));
create view v as select a from t use index (k) where a > 1;
create view w as select x.a from u x force index for join (k) join u y ignore index (k) on x.a = y.a;
