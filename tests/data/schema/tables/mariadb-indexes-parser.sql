CREATE TABLE `parser` (
  `a` text DEFAULT NULL,
  FULLTEXT KEY `f` (`a`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci