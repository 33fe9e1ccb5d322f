CREATE TABLE `select` (
  `from` int(11) DEFAULT NULL,
  `where` int(11) DEFAULT NULL,
  KEY `order` (`from`),
  CONSTRAINT `check` CHECK (`from` < `where`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci