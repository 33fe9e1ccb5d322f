create table t (a int, b int, rs bigint unsigned generated always as row start invisible,
  re bigint unsigned generated always as row end invisible, period for system_time (rs, re)) with system versioning;
create table moved (a int, rs timestamp(6) generated always as row start, re timestamp(6) generated always as row end,
  b int, c int, period for system_time (rs, re)) with system versioning;
