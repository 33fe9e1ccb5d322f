CREATE TABLE `dangling` (
  `a` int DEFAULT NULL,
  KEY `a` (`a`),
  CONSTRAINT `dangling_ibfk_1` FOREIGN KEY (`a`) REFERENCES `not_there` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci