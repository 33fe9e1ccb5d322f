-- Every kind of index and every attribute of one.
SET sql_mode='';
CREATE TABLE indexes (
  a int NOT NULL, b int, c varchar(100) NOT NULL, d text, e text, g geometry NOT NULL, h blob,
  PRIMARY KEY (a, c), UNIQUE KEY u1 (b), UNIQUE u2 (c(10), b DESC), UNIQUE KEY u3 (d), UNIQUE KEY u4 (h) USING HASH,
  KEY k1 (b) USING BTREE, KEY k2 (b DESC, a ASC), KEY k3 (c(5), d(7)) COMMENT 'it''s, (a) IGNORED', KEY k4 (a) IGNORED,
  KEY k5 (d(10)) KEY_BLOCK_SIZE=4, FULLTEXT KEY f1 (d), FULLTEXT f2 (d, e) COMMENT 'ft', SPATIAL KEY s1 (g), KEY `k``6 ,(` (b)
) ENGINE=InnoDB;
CREATE TABLE memory_hash (a int NOT NULL, b int, PRIMARY KEY (a) USING HASH, KEY b1 (b) USING BTREE, KEY b2 (b) USING HASH) ENGINE=MEMORY;
CREATE TABLE parser (a text, FULLTEXT KEY f (a)) ENGINE=MyISAM;
CREATE TABLE autokey (a int, b int NOT NULL AUTO_INCREMENT, KEY (b), UNIQUE (a, b)) ENGINE=InnoDB;
CREATE TABLE order_of_keys (a int NOT NULL, b int, c int NOT NULL, KEY z (a), UNIQUE y (b), UNIQUE x (c), KEY w (b), PRIMARY KEY (c));
