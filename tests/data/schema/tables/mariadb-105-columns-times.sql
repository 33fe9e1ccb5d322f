CREATE TABLE `times` (
  `d1` date DEFAULT '0000-00-00',
  `d2` datetime DEFAULT NULL,
  `d3` datetime(6) NOT NULL DEFAULT '2020-01-02 03:04:05.123456',
  `d4` time(3) DEFAULT '-838:59:59.999',
  `d5` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `d6` timestamp NULL DEFAULT NULL,
  `d7` timestamp(3) NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  `d8` timestamp NOT NULL DEFAULT '1999-12-31 23:59:59',
  `d9` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `d10` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  `d11` date DEFAULT (curdate() + interval 1 day),
  `d12` datetime DEFAULT '2020-01-01 00:00:00'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci