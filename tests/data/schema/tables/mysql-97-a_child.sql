CREATE TABLE `a_child` (
  `a` int DEFAULT NULL,
  `b` int DEFAULT NULL,
  UNIQUE KEY `a` (`a`),
  KEY `self` (`b`),
  CONSTRAINT `a_child_ibfk_1` FOREIGN KEY (`a`) REFERENCES `z_parent` (`id`) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT `self` FOREIGN KEY (`b`) REFERENCES `a_child` (`a`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci