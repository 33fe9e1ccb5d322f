CREATE TABLE `several` (
  `a` int(11) DEFAULT NULL,
  `b` int(11) DEFAULT NULL,
  `c` int(11) DEFAULT NULL,
  KEY `covers` (`a`,`b`),
  KEY `b` (`b`),
  KEY `c` (`c`),
  CONSTRAINT `named` FOREIGN KEY (`c`) REFERENCES `cycle_a` (`id`) ON DELETE SET NULL,
  CONSTRAINT `several_ibfk_1` FOREIGN KEY (`a`) REFERENCES `z_parent` (`id`),
  CONSTRAINT `several_ibfk_2` FOREIGN KEY (`b`) REFERENCES `z_parent` (`id`),
  CONSTRAINT `several_ibfk_3` FOREIGN KEY (`c`) REFERENCES `cycle_b` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci