CREATE TABLE `two
lines` (
  `col
umn` int(11) DEFAULT NULL,
  KEY `in
dex` (`col
umn`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='com\nment'