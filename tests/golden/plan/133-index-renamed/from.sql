create table t (a int, b int, c text, key k1 (a), key k2 (b), unique u (a, b), fulltext f (c));
create table s (a int, b int, key k1 (a), key k2 (a), key k3 (b));
