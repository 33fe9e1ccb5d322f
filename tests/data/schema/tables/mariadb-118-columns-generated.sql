CREATE TABLE `generated` (
  `a` int(11) NOT NULL,
  `b` int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL,
  `c` int(11) GENERATED ALWAYS AS (`a` * 2) STORED,
  `d` varchar(20) GENERATED ALWAYS AS (concat('x)',`a`,'(\'')) STORED COMMENT 'stored',
  `e` int(11) GENERATED ALWAYS AS (`a`) VIRTUAL INVISIBLE CHECK (`e` > 0),
  `f` varchar(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci GENERATED ALWAYS AS ('é') STORED,
  `g` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin GENERATED ALWAYS AS (json_object('a',`a`)) VIRTUAL CHECK (json_valid(`g`)),
  `h` int(11) GENERATED ALWAYS AS (`b` + `c`) VIRTUAL,
  `i` int(11) DEFAULT 1 INVISIBLE,
  `j` int(11) NOT NULL DEFAULT 5 INVISIBLE COMMENT 'hidden',
  PRIMARY KEY (`a`),
  UNIQUE KEY `c` (`c`),
  KEY `b` (`b`),
  KEY `h` (`h`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci