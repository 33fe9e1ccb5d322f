CREATE TABLE `par``ent
line` (
  `i,d` int(11) NOT NULL,
  PRIMARY KEY (`i,d`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci