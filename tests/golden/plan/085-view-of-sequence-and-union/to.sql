create sequence s start with 10 increment by 2;
create table t (a int default nextval(s));
create view v as select nextval(s) as n union select a from t;
create view u as with recursive c as (select 1 as n union all select n + 1 from c where n < 5) select n from c;
