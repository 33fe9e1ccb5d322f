CREATE TABLE `na``me; -- /* x */
line` (
  `co``l\u` int DEFAULT NULL,
  `)` int DEFAULT NULL,
  KEY `k,(` (`)`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci