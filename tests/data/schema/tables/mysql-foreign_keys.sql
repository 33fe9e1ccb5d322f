CREATE TABLE `foreign_keys` (
  `a` int DEFAULT NULL,
  `b` int DEFAULT NULL,
  KEY `a` (`a`,`b`),
  CONSTRAINT `foreign_keys_ibfk_1` FOREIGN KEY (`a`, `b`) REFERENCES `other`.`parent` (`x`, `y`) ON DELETE RESTRICT ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci