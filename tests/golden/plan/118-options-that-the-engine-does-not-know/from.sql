create table t (a int) engine = MyISAM;
create table u (a int, key k (a)) engine = Aria;
