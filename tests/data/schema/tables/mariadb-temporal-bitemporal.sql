CREATE TABLE `bitemporal` (
  `id` int(11) NOT NULL,
  `s` datetime(6) NOT NULL,
  `e` datetime(6) NOT NULL,
  PERIOD FOR `app` (`s`, `e`),
  PRIMARY KEY (`id`,`app` WITHOUT OVERLAPS)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci WITH SYSTEM VERSIONING