CREATE TABLE `unknown_options` (
  `a` int(11) DEFAULT NULL /* `foo`='x' */ COMMENT 'c',
  KEY `k` (`a`) /* `bar`=1 */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci TRANSACTIONAL=1 COMMENT='q' /* `opt`='x''y' */