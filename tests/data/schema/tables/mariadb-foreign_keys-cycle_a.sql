CREATE TABLE `cycle_a` (
  `id` int(11) NOT NULL,
  `b` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `b` (`b`),
  CONSTRAINT `cycle_a_ibfk_1` FOREIGN KEY (`b`) REFERENCES `cycle_b` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci