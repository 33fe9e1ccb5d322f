create table `select` (`h)i` int, `a``b` bigint, `c.d` int not null, `e;f` varchar(5) comment '; `x` ''y''', `-- g` int, `new
line` int, key `k``ey` (`c.d`), unique `/* u */` (`-- g`), constraint `c;k` check (`c.d` > 0));
create view `v``;` as select `c.d` as `x
y` from `select`;
create table `from``to` (`id` int primary key, `r` bigint, constraint `f``k` foreign key (`id`) references `from``to` (`id`));
