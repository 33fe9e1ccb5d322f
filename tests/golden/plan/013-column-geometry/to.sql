create table t (a int, p geometry, q point not null, key k (a), spatial key sq (q));
