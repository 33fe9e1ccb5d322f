CREATE TABLE `numbers` (
  `t1` tinyint(4) DEFAULT NULL,
  `t2` tinyint(1) NOT NULL DEFAULT 0,
  `t3` smallint(5) unsigned DEFAULT NULL,
  `t4` mediumint(8) unsigned zerofill DEFAULT NULL,
  `t5` int(5) unsigned zerofill NOT NULL DEFAULT 00007,
  `t6` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `d1` decimal(10,3) DEFAULT -1.500,
  `d2` decimal(65,30) DEFAULT NULL,
  `d3` float DEFAULT NULL,
  `d4` float(7,4) DEFAULT NULL,
  `d5` double DEFAULT NULL,
  `d6` double(9,2) unsigned DEFAULT 1000.00,
  `b1` bit(1) DEFAULT b'1',
  `b2` bit(64) DEFAULT b'101',
  `y1` year(4) DEFAULT 2020,
  PRIMARY KEY (`t6`)
) ENGINE=InnoDB AUTO_INCREMENT=4711 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci