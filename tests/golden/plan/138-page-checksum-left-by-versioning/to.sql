create table t (a int, b int) engine = InnoDB;
alter table t engine = Aria;
alter table t partition by key (b) partitions 2;
alter table t add column rs timestamp(6) generated always as row start, add column re timestamp(6) generated always as row end, add period for system_time (rs, re), add system versioning;
