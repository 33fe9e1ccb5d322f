CREATE TABLE `self` (
  `id` int(11) NOT NULL,
  `up` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `odd``name, (` (`up`),
  CONSTRAINT `odd`name, (` FOREIGN KEY (`up`) REFERENCES `self` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci