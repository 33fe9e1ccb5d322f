CREATE TABLE `on_virtual` (
  `a` int(11) DEFAULT NULL,
  `b` int(11) GENERATED ALWAYS AS (`a`) STORED,
  KEY `b` (`b`),
  CONSTRAINT `on_virtual_ibfk_1` FOREIGN KEY (`b`) REFERENCES `z_parent` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci