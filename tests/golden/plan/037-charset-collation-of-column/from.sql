create table t (a varchar(10) collate utf8mb4_bin, b text collate utf8mb4_unicode_ci);
