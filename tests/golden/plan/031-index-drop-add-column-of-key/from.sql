create table t (a int, b inet6, key kb (b), unique u (a, b));
