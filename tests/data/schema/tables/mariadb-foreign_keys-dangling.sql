CREATE TABLE `dangling` (
  `a` int(11) DEFAULT NULL,
  KEY `to_nowhere` (`a`),
  CONSTRAINT `to_nowhere` FOREIGN KEY (`a`) REFERENCES `not_there` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci