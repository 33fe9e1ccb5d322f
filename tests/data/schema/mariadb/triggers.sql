-- Triggers: their order, several tables, modes, comments, and one that is broken.
SET sql_mode='';
CREATE TABLE first_table (a int, b int, gone int);
CREATE TABLE second_table (a int, b int);
CREATE TABLE log (t varchar(100), n int);
DELIMITER $$
CREATE TRIGGER z_first BEFORE INSERT ON first_table FOR EACH ROW SET NEW.a = 1$$
CREATE TRIGGER m_second BEFORE INSERT ON first_table FOR EACH ROW SET NEW.a = NEW.a + 1$$
CREATE TRIGGER a_third BEFORE INSERT ON first_table FOR EACH ROW FOLLOWS m_second SET NEW.a = NEW.a * 2$$
CREATE TRIGGER k_before_all BEFORE INSERT ON first_table FOR EACH ROW PRECEDES z_first SET NEW.b = 0$$
CREATE TRIGGER after_insert AFTER INSERT ON first_table FOR EACH ROW BEGIN
  -- a comment; in a trigger
  INSERT INTO log VALUES ('it''s; #', NEW.a); /* another */
END$$
CREATE TRIGGER before_update BEFORE UPDATE ON first_table FOR EACH ROW IF OLD.a <> NEW.a THEN SET NEW.b = OLD.b; END IF$$
CREATE TRIGGER after_update AFTER UPDATE ON first_table FOR EACH ROW INSERT INTO log VALUES ('u', OLD.a)$$
CREATE TRIGGER before_delete BEFORE DELETE ON first_table FOR EACH ROW INSERT INTO log SELECT 'd', OLD.a$$
CREATE DEFINER=`not there`@`%` TRIGGER after_delete AFTER DELETE ON first_table FOR EACH ROW BEGIN END$$
CREATE TRIGGER @SELF@ . qualified AFTER UPDATE ON `@SELF@`.log FOR EACH ROW SET @x = (SELECT max(n) FROM `@SELF@`.log)$$
CREATE TRIGGER second_b BEFORE INSERT ON second_table FOR EACH ROW SET NEW.a = 1$$
CREATE TRIGGER second_a BEFORE INSERT ON second_table FOR EACH ROW SET NEW.a = 2$$
SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'$$
CREATE TRIGGER "odd mode" AFTER INSERT ON second_table FOR EACH ROW INSERT INTO log VALUES ('\', NEW."a")$$
SET sql_mode='ORACLE'$$
CREATE TRIGGER oracle_trigger BEFORE UPDATE ON second_table FOR EACH ROW BEGIN :NEW.a := 1; END;
$$
SET sql_mode=''$$
CREATE TRIGGER broken_column BEFORE INSERT ON second_table FOR EACH ROW SET NEW.b = NEW.b + 1$$
ALTER TABLE second_table DROP COLUMN b$$
CREATE TRIGGER broken_two AFTER UPDATE ON first_table FOR EACH ROW INSERT INTO log VALUES (OLD.`gone`, new.GONE)$$
ALTER TABLE first_table DROP COLUMN gone$$
CREATE TRIGGER missing_table AFTER INSERT ON log FOR EACH ROW INSERT INTO not_there VALUES (NEW.n)$$
DELIMITER ;
