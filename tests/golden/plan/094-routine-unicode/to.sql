create procedure p() select 'ö 日本 😀' as `naïve`;
create table `t ä` (`c ö` varchar(10) default 'ß' comment '日本');
create view `v é` as select `c ö` from `t ä` where `c ö` <> 'ü';
