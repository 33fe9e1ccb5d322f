CREATE TABLE `hash_index` (
  `a` int(11) DEFAULT NULL,
  KEY `h` (`a`) USING HASH,
  CONSTRAINT `hashed` FOREIGN KEY (`a`) REFERENCES `z_parent` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci