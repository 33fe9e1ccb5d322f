CREATE TABLE `a_child` (
  `id` int(11) NOT NULL,
  `parent` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `forward` (`parent`),
  CONSTRAINT `forward` FOREIGN KEY (`parent`) REFERENCES `z_parent` (`id`) ON DELETE CASCADE ON UPDATE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci