CREATE TABLE `z_parent` (
  `id` int(11) NOT NULL,
  `k1` int(11) DEFAULT NULL,
  `k2` varchar(10) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `k` (`k1`,`k2`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci