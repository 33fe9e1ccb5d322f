create table t (a varchar(20), b text, key (a), key k2 (b(20)));
