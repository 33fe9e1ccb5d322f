CREATE TABLE `memory_hash` (
  `a` int(11) NOT NULL,
  `b` int(11) DEFAULT NULL,
  PRIMARY KEY (`a`) USING HASH,
  KEY `b1` (`b`) USING BTREE,
  KEY `b2` (`b`) USING HASH
) ENGINE=MEMORY DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci