CREATE TABLE `ünïcödé 日本語 жук` (
  `größe` int(11) DEFAULT NULL COMMENT 'Größe 日本',
  `数` varchar(10) DEFAULT '数',
  UNIQUE KEY `ünique` (`größe`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci