-- Every type of column and every attribute that MariaDB prints.
SET sql_mode='';
CREATE TABLE numbers (
  t1 tinyint, t2 tinyint(1) NOT NULL DEFAULT 0, t3 smallint unsigned, t4 mediumint zerofill,
  t5 int(5) unsigned zerofill NOT NULL DEFAULT 00007, t6 bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  d1 decimal(10,3) DEFAULT -1.500, d2 decimal(65,30), d3 float, d4 float(7,4), d5 double, d6 double(9,2) unsigned DEFAULT 1e3,
  b1 bit(1) DEFAULT b'1', b2 bit(64) DEFAULT b'101', y1 year DEFAULT 2020,
  PRIMARY KEY (t6)
) AUTO_INCREMENT=4711;
CREATE TABLE texts (
  c1 char(1), c2 char(255) NOT NULL DEFAULT '', c3 varchar(20) CHARACTER SET latin1 DEFAULT 'é',
  c4 varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s "x" \\ \n',
  c5 tinytext, c6 text DEFAULT 'literal', c7 mediumtext CHARACTER SET ascii, c8 longtext NOT NULL,
  c9 binary(16), c10 varbinary(20) DEFAULT x'00ff', c11 tinyblob, c12 blob, c13 mediumblob, c14 longblob,
  e1 enum('a','b''c','d\\e','f,g','h)i','') DEFAULT 'b''c', e2 set('x','y') NOT NULL DEFAULT 'x,y',
  e3 enum('ä','ö') CHARACTER SET latin2 COLLATE latin2_bin,
  j1 json, j2 json DEFAULT '{}' CHECK (j2 <> '[]'), u1 uuid DEFAULT uuid(), i4 inet4 DEFAULT '127.0.0.1', i6 inet6 DEFAULT '::1',
  n1 varchar(10) NOT NULL COMMENT 'it''s; -- a /* comment */ with \\ and
a newline', ucs varchar(10) CHARACTER SET ucs2 DEFAULT 'ж', u16 char(3) CHARACTER SET utf16
) DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_unicode_ci;
CREATE TABLE times (
  d1 date DEFAULT '0000-00-00', d2 datetime, d3 datetime(6) NOT NULL DEFAULT '2020-01-02 03:04:05.123456',
  d4 time(3) DEFAULT '-838:59:59.999', d5 timestamp NOT NULL, d6 timestamp NULL,
  d7 timestamp(3) NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  d8 timestamp NOT NULL DEFAULT '1999-12-31 23:59:59', d9 datetime DEFAULT current_timestamp() ON UPDATE now(),
  d10 timestamp NOT NULL DEFAULT 0, d11 date DEFAULT (curdate() + interval 1 day), d12 datetime DEFAULT (timestamp'2020-01-01 00:00:00')
);
CREATE TABLE spaces (
  a geometry, b point NOT NULL, c linestring, d polygon, e multipoint, f multilinestring, g multipolygon,
  h geometrycollection, i point DEFAULT (point(1,2))
);
CREATE TABLE defaults (
  a int DEFAULT b, b int DEFAULT (case when 1 then 2 else 3 end), c int DEFAULT ((1+2)*3), d varchar(10) DEFAULT ('a' 'b'),
  e date DEFAULT (date'2020-01-01'), f int DEFAULT -5, g varchar(20) DEFAULT (concat('a','b')), h int DEFAULT (a between 1 and 2),
  i int DEFAULT (interval(1,2)), j datetime DEFAULT (now() + interval 1 day), k int DEFAULT (not 1), l int DEFAULT (a in (1,2)),
  m varchar(100) DEFAULT (cast(1 as char)), n int DEFAULT (a is null), o varchar(10) DEFAULT user(), p varchar(3) DEFAULT x'41',
  q int DEFAULT (- a), r varchar(10) DEFAULT (_latin1'x'), s text DEFAULT (coalesce(a,')')), t int DEFAULT (a like 'x%' escape '|'),
  u int DEFAULT NULL COMMENT 'DEFAULT 5, AUTO_INCREMENT=9', v varchar(30) DEFAULT '(b)', w varchar(64) DEFAULT (md5(rand()))
);
CREATE TABLE generated (
  a int NOT NULL, b int AS (a + 1) VIRTUAL, c int GENERATED ALWAYS AS (a * 2) STORED UNIQUE,
  d varchar(20) AS (concat('x)', a, '(''')) PERSISTENT COMMENT 'stored', e int AS (a) VIRTUAL INVISIBLE CHECK (e > 0),
  f varchar(10) CHARACTER SET latin1 AS ('é') STORED, g json AS (json_object('a', a)) VIRTUAL, h int AS (b + c) VIRTUAL,
  i int INVISIBLE DEFAULT 1, j int NOT NULL INVISIBLE DEFAULT 5 COMMENT 'hidden', PRIMARY KEY (a), KEY (b), KEY (h)
);
CREATE TABLE compressed (
  a varchar(100) COMPRESSED, b text COMPRESSED=zlib NOT NULL DEFAULT 'a', c blob COMPRESSED, d mediumtext COMPRESSED CHARACTER SET latin1 COMMENT 'x'
);
CREATE TABLE checks (
  a int CHECK (a > 0), b int NOT NULL DEFAULT 1 COMMENT 'c' CHECK (b < 10 and b <> 5), c varchar(10) CHECK (c in ('a', ')', '`', '''')),
  CONSTRAINT named CHECK (a < b), CHECK (a + b < 100), CONSTRAINT `odd ``name``` CHECK (c <> ';'), CHECK (json_valid(c))
);
CREATE TABLE wide (a int, b int, c int, d int, e int, f int, g int, h int, i int, j int, k int, l int, m int, n int, o int, p int,
  q int, r int, s int, t int, u int, v int, w int, x int, y int, z int, `select` int, `from` int, `primary` int, `key` int,
  `constraint` int, `check` int, `period` int, `unique` int, `fulltext` int, `spatial` int, `index` int, `foreign` int);
SET sql_mode='ORACLE';
CREATE TABLE "oracle types" (a VARCHAR2(10), b DATE, c NUMBER(10), d CLOB, e VARCHAR2(20) DEFAULT ('a'||'b'), f RAW(10));
SET sql_mode='', old_mode='';
CREATE TABLE utf8_is_four (a varchar(10) CHARACTER SET utf8);
CREATE TABLE doubles (e enum('a','a','A'), s set('x','x'));
CREATE TABLE auto_null (a int NOT NULL AUTO_INCREMENT, KEY (a));
ALTER TABLE auto_null MODIFY a int NULL AUTO_INCREMENT;
