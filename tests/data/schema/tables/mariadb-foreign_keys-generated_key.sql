CREATE TABLE `generated_key` (
  `a` int(11) DEFAULT NULL,
  `b` int(11) DEFAULT NULL,
  KEY `a` (`a`),
  KEY `b` (`b`),
  CONSTRAINT `generated_key_ibfk_1` FOREIGN KEY (`a`) REFERENCES `z_parent` (`id`),
  CONSTRAINT `generated_key_ibfk_2` FOREIGN KEY (`b`) REFERENCES `z_parent` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci