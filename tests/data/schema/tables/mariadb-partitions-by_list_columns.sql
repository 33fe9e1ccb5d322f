CREATE TABLE `by_list_columns` (
  `a` varchar(10) DEFAULT NULL,
  `b` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
 PARTITION BY LIST  COLUMNS(`a`,`b`)
(PARTITION `p0` VALUES IN (('a',1),('b',2)) ENGINE = InnoDB,
 PARTITION `p1` VALUES IN (('c''',3)) ENGINE = InnoDB)