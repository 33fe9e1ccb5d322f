CREATE TABLE `two_columns` (
  `a` int(11) DEFAULT NULL,
  `b` varchar(10) DEFAULT NULL,
  KEY `a` (`a`,`b`),
  CONSTRAINT `two_columns_ibfk_1` FOREIGN KEY (`a`, `b`) REFERENCES `z_parent` (`k1`, `k2`) ON DELETE NO ACTION
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci