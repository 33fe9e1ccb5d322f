-- Every legal character, reserved words, line ends: in every kind of object.
SET sql_mode='';
CREATE TABLE `select` (`from` int, `where` int, KEY `order` (`from`), CONSTRAINT `check` CHECK (`from` < `where`));
CREATE TABLE `a``b` (`c``d` int, `e"f` int, `g'h` int, `i\j` int, `k\` int, KEY `l``m` (`c``d`));
CREATE TABLE `semi;colon -- and /* comment */ # too` (`; drop table x; --` int, `/*!50000 y */` int, `)` int, `,` int DEFAULT (`)` + 1), `delimiter ;;` int);
CREATE TABLE `two
lines` (`col
umn` int, KEY `in
dex` (`col
umn`)) COMMENT='com
ment';
EXECUTE IMMEDIATE 'CREATE TABLE `carriage\r\nreturn` (`a\rb` int, `\b\Z` int) COMMENT=''c\r\nd''';
CREATE TABLE `tab	and.dot/slash%percent` (`.` int, ` leading` int);
CREATE TABLE `.hidden` (a int);
CREATE TABLE `%2F` (a int);
CREATE TABLE `ünïcödé 日本語 жук` (`größe` int COMMENT 'Größe 日本', `数` varchar(10) DEFAULT '数', CONSTRAINT `ünique` UNIQUE (`größe`));
CREATE TABLE `123` (`456` int, `1e5` int, `0x1F` int);
CREATE TABLE `$dollar` (`a b` int, `@x` int, `@@y` int);
CREATE VIEW `view``of
lines` AS SELECT `col
umn` AS `x``y`, 'it''s; \\ "q" -- c' AS `; --` FROM `two
lines`;
CREATE VIEW `größe` AS SELECT `größe`, '日本' AS `数` FROM `ünïcödé 日本語 жук`;
CREATE SEQUENCE `se``quence;
x`;
CREATE TABLE uses_it (a bigint DEFAULT nextval(`se``quence;
x`), b varchar(80) DEFAULT 'nextval(`x`.`y`)');
DELIMITER $$
CREATE PROCEDURE `pro``c;--`(`a``b` int) BEGIN SELECT ';;', "$", `a``b`; END$$
CREATE FUNCTION `fün ction`() RETURNS int RETURN 1$$
CREATE TRIGGER `tri``gger
x` BEFORE INSERT ON `a``b` FOR EACH ROW SET NEW.`c``d` = 1$$
CREATE EVENT `ev;ent` ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DO SELECT ';'$$
DELIMITER ;
