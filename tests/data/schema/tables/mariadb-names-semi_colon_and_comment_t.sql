CREATE TABLE `semi;colon -- and /* comment */ # too` (
  `; drop table x; --` int(11) DEFAULT NULL,
  `/*!50000 y */` int(11) DEFAULT NULL,
  `)` int(11) DEFAULT NULL,
  `,` int(11) DEFAULT (`)` + 1),
  `delimiter ;;` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci