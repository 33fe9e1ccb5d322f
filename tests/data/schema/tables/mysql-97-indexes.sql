CREATE TABLE `indexes` (
  `a` int NOT NULL,
  `b` varchar(100) COLLATE utf8mb4_general_ci DEFAULT NULL,
  `c` json DEFAULT NULL,
  `d` text COLLATE utf8mb4_general_ci,
  UNIQUE KEY `functional` ((lower(`b`)),`a` DESC),
  KEY `hidden` (`a`) /*!80000 INVISIBLE */,
  KEY `prefix` (`b`(10) DESC) USING BTREE COMMENT 'it''s',
  KEY `multi` ((cast(json_extract(`c`,_utf8mb4'$.zip[*]') as unsigned array))),
  KEY `expr` (((`a` + 1))),
  FULLTEXT KEY `f` (`d`) /*!50100 WITH PARSER `ngram` */ 
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci