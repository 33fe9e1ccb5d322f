create table t (a text, b varchar(300), key (a(10)), key k2 (b(20)));
