CREATE TABLE `chi``ld` (
  `p)` int(11) DEFAULT NULL,
  KEY `p)` (`p)`),
  CONSTRAINT `chi``ld_ibfk_1` FOREIGN KEY (`p)`) REFERENCES `par``ent
line` (`i,d`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci