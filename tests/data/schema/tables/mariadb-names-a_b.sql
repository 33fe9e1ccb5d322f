CREATE TABLE `a``b` (
  `c``d` int(11) DEFAULT NULL,
  `e"f` int(11) DEFAULT NULL,
  `g'h` int(11) DEFAULT NULL,
  `i\j` int(11) DEFAULT NULL,
  `k\` int(11) DEFAULT NULL,
  KEY `l``m` (`c``d`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci