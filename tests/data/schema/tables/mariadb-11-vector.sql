CREATE TABLE `vectors` (
  `id` int(11) NOT NULL,
  `v` vector(3) NOT NULL,
  `u` uuid DEFAULT uuid_v7(),
  PRIMARY KEY (`id`),
  VECTOR KEY `v` (`v`) `m`=4 `distance`=cosine
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci