-- Routines: comments, line ends, modes, character sets, database collations.
SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
SET sql_mode='';
DELIMITER $$
CREATE PROCEDURE empty() BEGIN END$$
CREATE PROCEDURE no_body_block(IN a int, OUT b varchar(10), INOUT c decimal(5,2)) SET b = a$$
EXECUTE IMMEDIATE 'CREATE PROCEDURE comments() COMMENT ''it''''s; -- a /* comment */'' NOT DETERMINISTIC READS SQL DATA SQL SECURITY INVOKER
BEGIN -- first
  /* second; */ SELECT ''a -- b'', "c # d"; # third ''unbalanced
  /* fourth ` */
  SELECT 1; -- ;; $$
END -- trailing'$$
CREATE FUNCTION every_characteristic(a int UNSIGNED, b varchar(20) CHARSET latin1, c enum('x','y')) RETURNS varchar(10) CHARSET utf8mb3
  LANGUAGE SQL DETERMINISTIC MODIFIES SQL DATA SQL SECURITY DEFINER COMMENT 'c'
  RETURN concat(a, b, c)$$
CREATE FUNCTION plain_text(a text) RETURNS text NO SQL RETURN a$$
CREATE AGGREGATE FUNCTION summed(x int) RETURNS int BEGIN
  DECLARE s int DEFAULT 0;
  DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN s;
  LOOP FETCH GROUP NEXT ROW; SET s = s + x; END LOOP;
END$$
EXECUTE IMMEDIATE 'CREATE PROCEDURE client_words()
BEGIN
  DECLARE delimiter int;
  SELECT 1 AS
delimiter FROM dual;
  SELECT 2 AS
  print, 3 AS
status FROM dual;
  SET @x = ''it''''s \\''quoted\\'' \\\\ \\n'';
END'$$
CREATE PROCEDURE ends_in_semicolons() BEGIN SELECT ';;'; SELECT '//', '$'; END$$
CREATE DEFINER=`nobody at all`@`%` PROCEDURE missing_definer() SELECT 1$$
CREATE FUNCTION uses_table() RETURNS int RETURN (SELECT count(*) FROM not_there_yet)$$
SET sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_ALL_TABLES'$$
CREATE PROCEDURE ansi(a int) SELECT "a", 'b' || 'c', 'it''s' -- c
$$
SET sql_mode='NO_BACKSLASH_ESCAPES'$$
CREATE PROCEDURE backslashes() SELECT '\', 'a\''b', '\n' -- \
$$
SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'$$
CREATE PROCEDURE both_modes() BEGIN SELECT '\' AS "a""b\"; END$$
SET sql_mode='TRADITIONAL,IGNORE_SPACE,HIGH_NOT_PRECEDENCE'$$
CREATE PROCEDURE traditional() SELECT not 1 between 0 and 2, now ( )$$
SET sql_mode='ORACLE'$$
CREATE PROCEDURE oracle_procedure(a IN INT, b OUT VARCHAR2(10)) AS
  c INT := 5; -- declared
BEGIN
  b := 'x' || c || "A";
  NULL;
EXCEPTION WHEN OTHERS THEN NULL;
END;
$$
CREATE FUNCTION oracle_function(a INT) RETURN VARCHAR2(10) AS BEGIN RETURN a; END;
$$
SET sql_mode=''$$
EXECUTE IMMEDIATE 'CREATE PROCEDURE dos_lines()\r\nBEGIN\r\n\tSELECT 1;\r\n\r\nEND'$$
EXECUTE IMMEDIATE 'CREATE PROCEDURE control_characters() SELECT ''\b\Z\t'' AS `a\Z`'$$
EXECUTE IMMEDIATE CONCAT('CREATE PROCEDURE long_body() BEGIN ', REPEAT('SELECT 1 /* filler */; ', 5000), ' END')$$
SET @p = 'CREATE PROCEDURE latin_client() SELECT "é ß", _latin1"ü"'$$
SET character_set_client=latin1, collation_connection=latin1_german2_ci$$
EXECUTE IMMEDIATE @p$$
SET NAMES utf8mb4$$
SET @p = 'CREATE FUNCTION cyrillic_client() RETURNS varchar(20) CHARSET cp1251 COMMENT "x" RETURN "жук" /* комментарий */'$$
SET character_set_client=cp1251, collation_connection=cp1251_bin$$
EXECUTE IMMEDIATE @p$$
SET NAMES utf8mb4$$
SET @p = 'CREATE PROCEDURE sjis_client() SELECT "表示", 1 AS `能`'$$
SET character_set_client=sjis, collation_connection=sjis_bin$$
EXECUTE IMMEDIATE @p$$
SET NAMES utf8mb4$$
SET @p = CONVERT(x'53454C4543542022C3A9C38122' USING latin1)$$
SET @p = CONCAT('CREATE PROCEDURE mojibake() ', @p)$$
SET character_set_client=latin1, collation_connection=latin1_swedish_ci$$
EXECUTE IMMEDIATE @p$$
SET NAMES utf8mb4$$
CREATE PROCEDURE emoji() COMMENT 'größe' SELECT '😀', '日本'$$
ALTER DATABASE CHARACTER SET cp1250 COLLATE cp1250_czech_cs$$
CREATE PROCEDURE other_database_collation(a varchar(10)) SELECT a$$
CREATE FUNCTION other_database_charset(a text) RETURNS varchar(5) RETURN a$$
ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci$$
DELIMITER ;
