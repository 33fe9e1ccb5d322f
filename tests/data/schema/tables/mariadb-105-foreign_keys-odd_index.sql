CREATE TABLE `odd_index` (
  `a(b` int(11) DEFAULT NULL,
  KEY `a(b` (`a(b`),
  CONSTRAINT `odd_index_ibfk_1` FOREIGN KEY (`a(b`) REFERENCES `z_parent` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci