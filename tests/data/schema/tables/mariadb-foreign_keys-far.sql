CREATE TABLE `far` (
  `a` int(11) DEFAULT NULL,
  KEY `a` (`a`),
  CONSTRAINT `far_ibfk_1` FOREIGN KEY (`a`) REFERENCES `other`.`far_parent` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci