CREATE TABLE `checks` (
  `a` int(11) DEFAULT NULL CHECK (`a` > 0),
  `b` int(11) NOT NULL DEFAULT 1 COMMENT 'c' CHECK (`b` < 10 and `b` <> 5),
  `c` varchar(10) DEFAULT NULL CHECK (`c` in ('a',')','`','\'')),
  CONSTRAINT `named` CHECK (`a` < `b`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`a` + `b` < 100),
  CONSTRAINT `odd ``name``` CHECK (`c` <> ';'),
  CONSTRAINT `CONSTRAINT_2` CHECK (json_valid(`c`))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci