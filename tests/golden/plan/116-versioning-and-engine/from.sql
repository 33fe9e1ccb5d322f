create table t (a int) engine = MyISAM;
create table u (a int, rs timestamp(6) generated always as row start, re timestamp(6) generated always as row end, period for system_time (rs, re)) engine = MyISAM with system versioning;
