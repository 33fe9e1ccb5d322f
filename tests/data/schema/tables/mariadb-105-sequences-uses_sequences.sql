CREATE TABLE `uses_sequences` (
  `a` bigint(20) NOT NULL DEFAULT nextval(`rec`.`plain`),
  `b` bigint(20) DEFAULT nextval(`rec`.`every_option`),
  `c` bigint(20) DEFAULT (lastval(`rec`.`plain`) + 1),
  `d` bigint(20) DEFAULT setval(`rec`.`plain`,5,1,0),
  `e` varchar(40) DEFAULT 'nextval(`plain`)',
  PRIMARY KEY (`a`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci