CREATE TABLE `zero` (
  `d` date DEFAULT '0000-00-00',
  `t` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci