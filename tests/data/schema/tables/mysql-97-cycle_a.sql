CREATE TABLE `cycle_a` (
  `id` int NOT NULL,
  `b` int DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `b` (`b`),
  CONSTRAINT `cycle_a_ibfk_1` FOREIGN KEY (`b`) REFERENCES `cycle_b` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci