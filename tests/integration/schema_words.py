# SPDX-License-Identifier: MIT
"""Words that random schemas are made of: schema_generator.py chooses among them.

What a server does not know it refuses, and the statement is skipped: only what is
a fault of the server itself is left out, with the reason.
"""

# Names with every kind of character. A pair takes some of them, so that statements meet.
# None begins with a blank: MariaDB forgets it in the columns of a common table expression. The
# longest leave room for _ibfk_1, which the server itself does not.
ODD_NAMES = [
    "order by", "tä`3", "a.b", "'", '"', "q\"'x", "per%cent", "un_der", "back\\slash", "x\\",
    "line\nbreak", "tab\there", ";", "--", "-- x", "/*", "*/", "/*! x */", "#", "(", ")", ",",
    "123", "1e5", "0x10", "日本語", "ſtraße", "Ωmega", "ΣΑΣ", "İı", "$", "@x",
    "@@y", "?", ":p", "null", "table", "key", "primary", "check", "constraint", "desc", "default",
    "partition", "period", "system_time", "select", "from", "where", "row", "end", "x" * 57,
    "ä" * 57, "UPPER", "MiXed", "delimiter", "`", "``", "a`b", "{}", "=", "é", "e\u0301",
    "\u00a0", "\u200b", "DELIMITER ;;", "\\C", "foreign", "fk_1", "t0_ibfk_1", "CONSTRAINT_1",
    "GEN_CLUST_INDEX", "PRIMARY ", "dual", "current_user", "new", "old",
]  # fmt: skip

# Comments, defaults, members of enumerations: as they stand in a statement.
TEXTS = [
    "''", "'c'", "'it''s; -- x \\\\ `q`'", "'/* c */'", "'*/'", "'日本 ä'", "'a\\nb\\r\\tc'", "' '", "'\"'",
    "'\\\\'", "'%_'", "'\\0'", "'x)'", "'a,b'", "'--'", "'DELIMITER ;;'", "'AUTO_INCREMENT=7'",
    "'ENGINE=MyISAM'", "'null'", "'\u00a0'", "'\\Z'", "'😀'",
]  # fmt: skip

TYPES = [
    "int", "int", "int", "bigint", "int unsigned", "int(5) zerofill", "smallint", "mediumint",
    "tinyint", "tinyint(1)", "bigint unsigned", "boolean",
    "decimal(10,2)", "decimal(8,1)", "decimal(65,30)", "decimal(5,0) unsigned zerofill", "float",
    "float(7,3)", "double", "double(10,2)", "float unsigned",
    "varchar(10)", "varchar(20)", "varchar(300)", "varchar(0)", "char(5)", "char(0)", "text", "mediumtext",
    "longtext", "tinytext", "national varchar(5)", "enum('x','y')", "enum('x','y','z')",
    "set('p','q')", "enum('it''s','','日','a\\\\b')", "set('a b','c)','\"')",
    "varbinary(10)", "binary(16)", "blob", "tinyblob", "mediumblob", "longblob", "date", "datetime", "datetime(3)",
    "timestamp null", "timestamp", "timestamp(6) null", "time", "time(3)", "year", "json", "bit(3)",
    "bit(1)", "inet6", "inet4", "uuid", "varchar(90) compressed", "text compressed",
    "blob compressed=zlib", "vector(3)",
]  # fmt: skip

GEOMETRIES = [
    "point", "multipolygon", "geometry", "linestring", "polygon", "geometrycollection",
    "point ref_system_id=4326",
]  # fmt: skip

CHARSETS = [
    "character set latin1", "character set utf8mb4", "collate utf8mb4_bin",
    "character set utf8mb3", "collate latin1_bin", "character set ascii",
    "character set ucs2", "collate utf32_unicode_ci", "character set binary",
    "collate utf8mb4_unicode_520_ci", "collate utf8mb4_uca1400_ai_ci", "character set sjis",
    "collate utf8mb4_0900_ai_ci", "character set gb18030", "character set utf16le", "character set cp1251",
    "collate utf8mb4_nopad_bin", "collate utf8mb4_0900_bin", "collate utf8mb4_ja_0900_as_cs",
]  # fmt: skip

DATABASE_COLLATIONS = [
    "utf8mb4_bin", "latin1_swedish_ci", "utf8mb4_general_ci", "ucs2_general_ci",
    "utf8mb4_unicode_ci", "utf8mb4_uca1400_as_cs", "utf8mb4_0900_ai_ci", "sjis_japanese_ci",
]  # fmt: skip

DEFAULTS = [
    "default null", "default 1", "default '1'", "default 'x'", "default (1 + 2)",
    "default uuid()", "default current_timestamp", "default current_timestamp(3)",
    "default current_timestamp on update current_timestamp", "on update current_timestamp",
    "default '2001-02-03'", "default '0000-00-00'", "default -1.5", "default 1e3", "default b'101'",
    "default x'41'", "default true", "default date '2001-02-03'", "default _latin1'x'",
    "default (concat('a', 'b;'))", "default (now())", "default (json_object('k', 1))",
    "default ''", "default (point(1, 2))", "default (rand())", "default (user())",
]  # fmt: skip

ENGINES = [
    "engine = InnoDB", "engine = MyISAM", "engine = Aria", "engine = MEMORY", "engine = CSV",
    "engine = ARCHIVE", "engine = BLACKHOLE",
]  # fmt: skip

OPTIONS = [
    "row_format = dynamic", "row_format = compact", "row_format = default", "row_format = fixed",
    "row_format = compressed", "row_format = redundant", "row_format = page",
    "default charset latin1", "default charset utf8mb4", "collate utf8mb4_bin",
    "default charset utf8mb3", "default charset ucs2", "collate utf8mb4_unicode_ci",
    "checksum = 1", "max_rows = 100", "min_rows = 5", "stats_persistent = 1", "stats_persistent = 0",
    "pack_keys = 1", "pack_keys = 0", "avg_row_length = 50", "page_checksum = 1",
    "page_checksum = 0", "key_block_size = 8", "key_block_size = 4", "delay_key_write = 1", "transactional = 1",
    "transactional = 0", "page_compressed = 1", "page_compressed = 1 page_compression_level = 3",
    "stats_auto_recalc = 1", "stats_sample_pages = 5", "insert_method = last",
    "auto_increment = 5", "ietf_quotes = yes", "encrypted = no",
]  # fmt: skip

ACTIONS = [
    "", "", "on delete cascade", "on delete set null on update cascade", "on update no action",
    "on delete restrict", "on update set null", "on delete no action on update restrict",
    "on update cascade",
]  # fmt: skip

DEFINERS = ["nobody@nowhere", "`a``b`@`%`", "'it''s'@'10.0.0.0/255.0.0.0'", "current_user", "root@localhost"]

# {c}, {d}: columns; {t}, {u}: tables or views; {v}: a view; {f}: a function; {s}: a sequence
SELECTS = [
    "select {c} from {t}",
    "select {c}, {d} as {e} from {t}",
    "select * from {t}",
    "select {f}({c}) as a from {t}",
    "select x.{c} as a, y.{c} as b from {t} x join {u} y on x.{c} = y.{c}",
    "select {c} from {t} union all select {c} from {v}",
    "select 1 as a, nextval({s}) as b",
    "with w as (select {c} from {t}) select {c} as b from w where {c} > 1",
    "select {c}, count(*) as n from {t} group by {c} having n > 1 order by 2 desc limit 3",
    "select (select max({c}) from {u}) as m, {d} from {t}",
    "select x.{c} from {t} x left join ({u} y join {t} z using ({d})) on x.{c} = y.{d}",
    "select {c} from {t} where exists (select 1 from {u} where {u}.{d} = {t}.{c})",
    "select row_number() over (partition by {c} order by {d} desc) as r from {t}",
    "with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select i from n",
    "select {c} from {t} where {d} in ('ä', \"it's\", 'a\\\\b', _latin1'x', x'41') or {d} like '%|_' escape '|'",
    "select cast({c} as char(3) character set latin1) as {d}, {c} collate utf8mb4_bin as x from {t}",
    "select a.{c} from (select {c} from {t} where {d} between 1 and 2) a",
    "select case when {c} is null then 'n' else date_format({d}, '%Y-%m') end as {e} from {t}",
    "select {c} + interval 1 day as {d}, {d} div 2 as {e} from {t}",
    "(select {c} from {t} limit 1) union (select {d} from {u} order by 1)",
    "select {c} from {t} natural join {v}",
    "select {c} from {t} use index (k0) where {c} > 1 for update",
    "select {c} from {t} for system_time all",
    "select {c} from {t} partition (p1)",
    "select json_extract({c}, '$.a') as j, if({d}, 1, 2) as {e}, not {c} as n from {t}",
    "select group_concat(distinct {c} order by {d} separator ';') as g from {t}",
    "select {c} from {t} intersect select {d} from {u}",
    "select distinct sql_calc_found_rows {c} from {t}",
    "select straight_join x.{c} from {t} x, {u} y",
    "select convert({c} using latin1) as {d}, binary {c} as b, {c} -> '$.x' as k from {t}",
    "select 1 as `a``b`, 2 as 'q\"', current_user() as u, @@sql_mode as m",
]  # fmt: skip

# Bodies of stored code, read as the session's sql_mode says.
BODIES = [
    "set @x = 1", "set @x = 'a;b'",
    "begin set @x = 1; /* c */ set @y = 'q'; end",
    "begin set @x = 2; /* c */ set @y = \"q\"; end",
    "begin\n  -- note; here 'x\n  set @z = 2; # end\nend",
    "begin declare i int default 0; l: while i < 2 do set i = i + 1; iterate l; end while; end",
    "begin declare exit handler for sqlexception begin end; set @x = 'ä日\\\\'; end",
    "begin if 1 then set @x = '\\'; elseif 2 then set @x = 'DELIMITER'; else set @y = '//'; end if; end",
    "x: begin case 1 when 2 then leave x; else begin end; end case; end   ",
    "begin set @a = `x y`; end", "set @a = '\t\r\n'", "begin /*!50003 set @v = 1; */ set @w = 2; end",
    "begin declare c cursor for select 1; open c; close c; end",
    "begin\ndelimiter: loop leave delimiter; end loop; end",
]  # fmt: skip

CHARACTERISTICS = [
    "comment 'it''s'", "sql security invoker", "no sql", "reads sql data", "modifies sql data",
    "not deterministic", "deterministic", "language sql", "comment 'a\\nb ä'", "contains sql",
]  # fmt: skip

PARAMETERS = [
    "", "a int", "inout a text", "out `x y` varchar(3) character set ucs2", "a int, b enum('x','it''s')",
    "in a decimal(5,2) unsigned, in b datetime(3)", "a varchar(9) collate latin1_bin", "a json",
    "a type of t0.a", "a row type of t0", "a int /* c */ , b bit(3)",
]  # fmt: skip

RETURNS = [
    "int", "varchar(10)", "varchar(10) character set latin1", "text collate utf8mb4_bin", "decimal(8,3)",
    "enum('a','b;')", "datetime(6)", "tinyint unsigned", "json",
]  # fmt: skip

SCHEDULES = [
    "at '2035-01-01 00:00:00'", "every 1 day starts '2030-01-01 00:00:00'",
    "every 2 hour starts '2001-01-01 00:00:00'",
    "every 1 day starts '2030-01-01 00:00:00' ends '2031-01-01 00:00:00'",
    "every '1:30' hour_minute starts '2030-01-01 00:00:00'",
    "every 1 month", "at current_timestamp + interval 1 year", "every 3 quarter",
    "every 1 week ends '2036-02-29 12:00:00'", "every '2 3:4:5' day_second",
    "every 1 year starts '2001-01-01 00:00:00' ends '2002-01-01 00:00:00' on completion preserve",
]  # fmt: skip

EVENT_STATES = [
    "", "", "disable", "on completion preserve", "comment 'c'", "disable on slave", "comment 'it''s ä'",
    "on completion preserve disable",
]  # fmt: skip

SEQUENCE_OPTIONS = [
    "", "start with 5", "increment by 2", "minvalue -5 start with 0", "cache 10", "cycle",
    "maxvalue 100", "start with -1 increment by -1", "nocache", "increment by 0", "nominvalue nomaxvalue",
    "as smallint unsigned", "as tinyint", "engine = MyISAM", "comment = 'it''s'", "engine = Aria",
    "start with 3 minvalue 3 maxvalue 9 cycle nocache",
]  # fmt: skip

# Not sjis, whose backslash no server reads back: docs/limits.md.
SETTINGS = [
    "set sql_mode = 'ANSI_QUOTES'", "set sql_mode = ''", "set sql_mode = ''",
    "set sql_mode = 'STRICT_ALL_TABLES'", "set sql_mode = 'NO_BACKSLASH_ESCAPES'",
    "set sql_mode = 'PIPES_AS_CONCAT'", "set sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
    "set sql_mode = 'HIGH_NOT_PRECEDENCE,IGNORE_SPACE'", "set sql_mode = 'NO_UNSIGNED_SUBTRACTION,REAL_AS_FLOAT'",
    "set names latin1", "set names utf8mb4", "set names utf8mb4", "set names cp932", "set names utf8mb3",
    "set names utf8mb4 collate utf8mb4_bin", "set names cp1251", "set names binary",
    "set time_zone = '+02:00'", "set time_zone = '+00:00'",
    "set explicit_defaults_for_timestamp = 0", "set explicit_defaults_for_timestamp = 1",
    "set innodb_strict_mode = 0",
]  # fmt: skip
