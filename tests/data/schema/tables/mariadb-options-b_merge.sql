CREATE TABLE `b_merge` (
  `a` int(11) DEFAULT NULL,
  KEY `a` (`a`)
) ENGINE=MRG_MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci UNION=(`m1`,`other`.`m3`)