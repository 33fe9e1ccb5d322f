create table `select` (`from` int, `a``b` int, `c.d` int, `e;f` int, `-- g` int, `h)i` int, key `k``ey` (`a``b`), constraint `c;k` check (`from` > 0));
create view `v``;` as select `a``b` from `select`;
