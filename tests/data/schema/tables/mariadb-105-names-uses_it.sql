CREATE TABLE `uses_it` (
  `a` bigint(20) DEFAULT nextval(`rec`.`se``quence;
x`),
  `b` varchar(80) DEFAULT 'nextval(`x`.`y`)'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci