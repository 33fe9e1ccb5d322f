CREATE TABLE `autokey` (
  `a` int(11) DEFAULT NULL,
  `b` int(11) NOT NULL AUTO_INCREMENT,
  UNIQUE KEY `a` (`a`,`b`),
  KEY `b` (`b`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci