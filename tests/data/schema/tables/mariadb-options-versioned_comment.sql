CREATE TABLE `versioned_comment` (
  `a` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='/*!50000 not code */ `x` "y"'