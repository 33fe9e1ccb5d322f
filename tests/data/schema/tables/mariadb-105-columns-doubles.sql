CREATE TABLE `doubles` (
  `e` enum('a','a','A') DEFAULT NULL,
  `s` set('x','x') DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci