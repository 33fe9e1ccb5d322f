-- What MySQL 8 and 9 have, and print in their own way.
SET NAMES utf8mb4;
CREATE TABLE columns_ (
  id bigint unsigned NOT NULL AUTO_INCREMENT, tiny tinyint(1) NOT NULL DEFAULT 0, hidden int INVISIBLE, d decimal(10,3) DEFAULT -1.5,
  s int DEFAULT (1 + 2), u binary(16) DEFAULT (uuid_to_bin(uuid())), b text DEFAULT ('x'), j json DEFAULT (json_object()),
  n varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s \\ "x"', t timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  e enum('a','b''c','d)e') COLLATE utf8mb4_bin, p point NOT NULL SRID 4326, g decimal(12,2) GENERATED ALWAYS AS (d * s) STORED,
  v varchar(40) GENERATED ALWAYS AS (concat('x)', n)) VIRTUAL INVISIBLE, bits bit(8) DEFAULT b'101', y year, f float, z int(5) unsigned zerofill,
  bin varbinary(10) DEFAULT x'00ff27', c int COMMENT 'INVISIBLE; DEFAULT
newline', vec vector(3), ts timestamp NOT NULL,
  PRIMARY KEY (id), UNIQUE KEY u (n), SPATIAL KEY sp (p)
) AUTO_INCREMENT=77 COMMENT='AUTO_INCREMENT=9' COLLATE=utf8mb4_0900_as_cs;
CREATE TABLE indexes (
  a int NOT NULL, b varchar(100), c json, d text, UNIQUE KEY functional ((lower(b)), a DESC), KEY multi ((cast(c->'$.zip[*]' AS unsigned array))),
  KEY hidden (a) INVISIBLE, KEY prefix (b(10) DESC) USING BTREE COMMENT 'it''s', FULLTEXT KEY f (d) WITH PARSER ngram, KEY expr ((a + 1))
);
CREATE TABLE checks (a int CHECK (a > 0), b varchar(10), CHECK (a < 10), CONSTRAINT named CHECK (b IN ('x', ')')) NOT ENFORCED);
CREATE TABLE options_ (a int) ROW_FORMAT=DYNAMIC STATS_PERSISTENT=0 MAX_ROWS=10 COMPRESSION='none' AUTOEXTEND_SIZE=4M;
CREATE TABLE by_range (id int NOT NULL, d date NOT NULL) PARTITION BY RANGE (year(d)) (PARTITION p0 VALUES LESS THAN (2020) COMMENT = 'it''s', PARTITION `select` VALUES LESS THAN MAXVALUE);
CREATE TABLE by_columns (id int NOT NULL, d date NOT NULL) PARTITION BY RANGE COLUMNS (id, d) (PARTITION p0 VALUES LESS THAN (10, '2020-01-01'), PARTITION p1 VALUES LESS THAN (20, MAXVALUE));
CREATE TABLE by_list (id int) PARTITION BY LIST (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES IN (1, 2, NULL));
CREATE TABLE by_key (id int PRIMARY KEY) PARTITION BY KEY () PARTITIONS 3;
CREATE TABLE z_parent (id int PRIMARY KEY, k int, KEY (k));
CREATE TABLE a_child (a int, b int, UNIQUE (a), FOREIGN KEY (a) REFERENCES z_parent (id) ON DELETE RESTRICT ON UPDATE CASCADE, CONSTRAINT self FOREIGN KEY (b) REFERENCES a_child (a));
SET foreign_key_checks=0;
CREATE TABLE cycle_a (id int PRIMARY KEY, b int, FOREIGN KEY (b) REFERENCES cycle_b (id));
CREATE TABLE cycle_b (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES cycle_a (id));
CREATE TABLE dangling (a int, FOREIGN KEY (a) REFERENCES not_there (id));
CREATE TABLE `na``me; -- /* x */
line` (`co``l\u` int, `)` int, KEY `k,(` (`)`));
CREATE TABLE no_key (a int);
SET sql_mode='';
CREATE TABLE zero (d date DEFAULT '0000-00-00', t timestamp NOT NULL DEFAULT '0000-00-00 00:00:00');
