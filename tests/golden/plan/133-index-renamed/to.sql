create table t (a int, b int, c text, key k3 (a), key k2 (b), unique v (a, b), fulltext g (c));
create table s (a int, b int, key k2 (b), key k4 (a), key k1 (a) ignored);
