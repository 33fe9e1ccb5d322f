-- Packages exist under sql_mode ORACLE only.
SET sql_mode='ORACLE';
DELIMITER $$
CREATE OR REPLACE PACKAGE pkg COMMENT 'it''s' AS
  -- a comment; with $ and ;;
  PROCEDURE p1(a INT);
  FUNCTION f1 RETURN INT;
END;
$$
CREATE OR REPLACE PACKAGE BODY pkg AS
  hidden INT := 10; /* state */
  FUNCTION f1 RETURN INT AS BEGIN RETURN hidden; END;
  PROCEDURE p1(a INT) AS BEGIN SELECT a || 'x', f1(); END;
BEGIN
  hidden := 11;
END;
$$
CREATE PACKAGE "spec ""only"" `x`" SQL SECURITY INVOKER AS
  PROCEDURE p;
END;
$$
CREATE VIEW oracle_view AS SELECT 'a' || 'b' AS "c d", NVL(NULL, 1) AS e, '' AS f$$
DELIMITER ;
