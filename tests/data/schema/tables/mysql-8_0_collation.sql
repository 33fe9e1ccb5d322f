CREATE TABLE `older` (
  `a` varchar(10) COLLATE utf8mb4_bin DEFAULT NULL,
  `b` char(1) CHARACTER SET ascii DEFAULT NULL,
  `c` set('x','y') COLLATE utf8mb4_german2_ci NOT NULL DEFAULT 'x,y',
  `d` year DEFAULT NULL,
  `e` double unsigned DEFAULT NULL,
  `f` int(5) unsigned zerofill DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4