CREATE TABLE `tab	and.dot/slash%percent` (
  `.` int(11) DEFAULT NULL,
  ` leading` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci