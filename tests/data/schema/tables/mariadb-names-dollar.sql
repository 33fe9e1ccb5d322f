CREATE TABLE `$dollar` (
  `a b` int(11) DEFAULT NULL,
  `@x` int(11) DEFAULT NULL,
  `@@y` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci