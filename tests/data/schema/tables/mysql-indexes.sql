CREATE TABLE `indexes` (
  `a` int NOT NULL,
  `b` varchar(100) DEFAULT NULL,
  `c` json DEFAULT NULL,
  `d` text,
  `my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,
  PRIMARY KEY (`my_row_id`),
  UNIQUE KEY `functional` ((lower(`b`)),`a` DESC),
  KEY `multi_valued` ((cast(json_extract(`c`,_utf8mb4'$.zip[*]') as unsigned array))),
  KEY `hidden` (`a`) /*!80000 INVISIBLE */,
  KEY `prefix` (`b`(10) DESC) USING BTREE COMMENT 'INVISIBLE, (a)',
  FULLTEXT KEY `f` (`d`) /*!50100 WITH PARSER `ngram` */ ,
  KEY `sized` (`a`) KEY_BLOCK_SIZE=4
) ENGINE=InnoDB DEFAULT CHARSET=latin1