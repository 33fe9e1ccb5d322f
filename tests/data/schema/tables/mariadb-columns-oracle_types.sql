CREATE TABLE `oracle types` (
  `a` varchar(10) DEFAULT NULL,
  `b` datetime DEFAULT NULL,
  `c` decimal(10,0) DEFAULT NULL,
  `d` longtext DEFAULT NULL,
  `e` varchar(20) DEFAULT concat_operator_oracle('a','b'),
  `f` varbinary(10) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci