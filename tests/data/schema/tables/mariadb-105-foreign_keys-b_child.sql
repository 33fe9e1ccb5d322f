CREATE TABLE `b_child` (
  `a` int(11) DEFAULT NULL,
  `b` int(11) DEFAULT NULL,
  KEY `other_type` (`a`),
  KEY `no_key` (`b`),
  CONSTRAINT `no_key` FOREIGN KEY (`b`) REFERENCES `a_parent` (`k`),
  CONSTRAINT `other_type` FOREIGN KEY (`a`) REFERENCES `a_parent` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci