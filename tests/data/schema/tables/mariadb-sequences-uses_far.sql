CREATE TABLE `uses_far` (
  `a` bigint(20) DEFAULT nextval(`other`.`far_sequence`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci