CREATE TABLE `order_of_keys` (
  `a` int(11) NOT NULL,
  `b` int(11) DEFAULT NULL,
  `c` int(11) NOT NULL,
  PRIMARY KEY (`c`),
  UNIQUE KEY `x` (`c`),
  UNIQUE KEY `y` (`b`),
  KEY `z` (`a`),
  KEY `w` (`b`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci