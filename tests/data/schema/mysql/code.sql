-- Views and stored code of MySQL 8 and 9.
SET NAMES utf8mb4;
SET GLOBAL log_bin_trust_function_creators=1;
CREATE TABLE base (id int PRIMARY KEY, name varchar(20), gone int);
CREATE FUNCTION doubled(x int) RETURNS int DETERMINISTIC RETURN 2 * x;
CREATE VIEW z_last AS SELECT id, name FROM base;
CREATE VIEW m_middle AS SELECT id, doubled(id) AS d FROM z_last;
CREATE VIEW a_first AS SELECT m.id, m.d, b.name FROM m_middle m JOIN base b ON m.id = b.id;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW merged (x, y) AS SELECT id, name FROM base WHERE id > 5 WITH CASCADED CHECK OPTION;
CREATE VIEW cte AS WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT n.i, base.name FROM n JOIN base ON n.i = base.id;
CREATE VIEW unions AS SELECT id AS a, 'it''s; -- \\ "x"' AS b FROM base UNION SELECT 1, 'é';
CREATE VIEW vals AS SELECT * FROM (VALUES ROW(1, 2)) v (a, b);
CREATE TABLE dropped (x int, y int);
CREATE VIEW missing_table AS SELECT d.x, dropped.y, b.id FROM dropped JOIN dropped d ON d.x = dropped.x JOIN base b ON b.id = d.x;
CREATE VIEW over_broken AS SELECT x FROM missing_table;
CREATE VIEW missing_column AS SELECT id, gone FROM base;
CREATE VIEW dropped_view AS SELECT 1 AS a;
CREATE VIEW missing_view AS SELECT a FROM dropped_view;
DROP TABLE dropped;
DROP VIEW dropped_view;
ALTER TABLE base DROP COLUMN gone;
DELIMITER $$
CREATE PROCEDURE comments(IN a int, OUT b varchar(10)) COMMENT 'it''s; --' READS SQL DATA SQL SECURITY INVOKER
BEGIN -- first
  /* second; */ SELECT 'a -- b', "c # d"; # third
END$$
CREATE FUNCTION typed(a varchar(10) CHARSET latin1, j json) RETURNS varchar(10) CHARSET utf8mb4 NO SQL RETURN a$$
CREATE TRIGGER z_first BEFORE INSERT ON base FOR EACH ROW SET NEW.name = 'x'$$
CREATE TRIGGER a_second BEFORE INSERT ON base FOR EACH ROW SET NEW.name = 'y'$$
CREATE TRIGGER k_zeroth BEFORE INSERT ON base FOR EACH ROW PRECEDES z_first SET NEW.name = 'z'$$
SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'$$
CREATE PROCEDURE ansi() SELECT '\' AS "a", 'b' || 'c'$$
SET sql_mode=''$$
SET time_zone='+05:30'$$
CREATE EVENT other_zone ON SCHEDULE EVERY 1 MONTH STARTS '2035-03-04 05:06:07' DO SELECT 7$$
SET timestamp=unix_timestamp('2010-01-01 00:00:00')$$
CREATE EVENT at_past ON SCHEDULE AT '2010-02-03 04:05:06' ON COMPLETION PRESERVE DISABLE DO SELECT 4$$
CREATE EVENT ended ON SCHEDULE EVERY 1 HOUR STARTS '2010-01-01 00:00:00' ENDS '2010-12-31 00:00:00' DISABLE DO SELECT 5$$
SET timestamp=DEFAULT$$
ALTER DATABASE CHARACTER SET cp1250 COLLATE cp1250_czech_cs$$
CREATE PROCEDURE other_database_collation(a varchar(10)) SELECT a$$
ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci$$
SET NAMES latin1 COLLATE latin1_german2_ci$$
CREATE PROCEDURE latin_client() SELECT 'plain'$$
CREATE VIEW latin_view AS SELECT 'plain' AS x$$
DELIMITER ;
