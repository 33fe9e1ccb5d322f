CREATE TABLE `checks` (
  `a` int DEFAULT NULL,
  `b` varchar(10) COLLATE utf8mb4_general_ci DEFAULT NULL,
  CONSTRAINT `checks_chk_1` CHECK ((`a` > 0)),
  CONSTRAINT `checks_chk_2` CHECK ((`a` < 10)),
  CONSTRAINT `named` CHECK ((`b` in (_utf8mb4'x',_utf8mb4')'))) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci