CREATE TABLE `csv_all` (
  `a` int(11) NOT NULL,
  `b` varchar(10) NOT NULL
) ENGINE=CSV DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci