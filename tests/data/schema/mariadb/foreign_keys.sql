-- Foreign keys: cycles, self references, other databases, parents that are not there.
SET sql_mode='', foreign_key_checks=0;
CREATE TABLE a_child (id int PRIMARY KEY, parent int, CONSTRAINT forward FOREIGN KEY (parent) REFERENCES z_parent (id) ON DELETE CASCADE ON UPDATE SET NULL);
CREATE TABLE z_parent (id int PRIMARY KEY, k1 int, k2 varchar(10), KEY k (k1, k2));
CREATE TABLE two_columns (a int, b varchar(10), FOREIGN KEY (a, b) REFERENCES z_parent (k1, k2) ON DELETE NO ACTION ON UPDATE RESTRICT);
CREATE TABLE cycle_a (id int PRIMARY KEY, b int, FOREIGN KEY (b) REFERENCES cycle_b (id));
CREATE TABLE cycle_b (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES cycle_a (id));
CREATE TABLE self (id int PRIMARY KEY, up int, CONSTRAINT `odd``name, (` FOREIGN KEY own_index (up) REFERENCES self (id));
CREATE TABLE several (a int, b int, c int, KEY covers (a, b), FOREIGN KEY (a) REFERENCES z_parent (id), FOREIGN KEY (b) REFERENCES z_parent (id),
  CONSTRAINT named FOREIGN KEY (c) REFERENCES cycle_a (id) ON DELETE SET NULL, FOREIGN KEY (c) REFERENCES cycle_b (id));
CREATE TABLE `@OTHER@`.far_parent (id int PRIMARY KEY);
CREATE TABLE far (a int, FOREIGN KEY (a) REFERENCES `@OTHER@`.far_parent (id));
CREATE TABLE dangling (a int, CONSTRAINT to_nowhere FOREIGN KEY (a) REFERENCES not_there (id));
CREATE TABLE renamed_later (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES z_parent (id));
ALTER TABLE renamed_later RENAME TO renamed;
CREATE TABLE generated_key (a int, b int);
ALTER TABLE generated_key ADD FOREIGN KEY (a) REFERENCES z_parent (id), ADD FOREIGN KEY (b) REFERENCES z_parent (id);
CREATE TABLE on_virtual (a int, b int AS (a) STORED, FOREIGN KEY (b) REFERENCES z_parent (id));
CREATE TABLE `par``ent
line` (`i,d` int PRIMARY KEY);
CREATE TABLE `chi``ld` (`p)` int, FOREIGN KEY (`p)`) REFERENCES `par``ent
line` (`i,d`));
CREATE TABLE no_index (a int, b int, CONSTRAINT bare FOREIGN KEY (a) REFERENCES z_parent (id));
ALTER TABLE no_index DROP INDEX bare;
CREATE TABLE hash_index (a int, KEY h (a) USING HASH, CONSTRAINT hashed FOREIGN KEY (a) REFERENCES z_parent (id));
ALTER TABLE hash_index DROP INDEX hashed;
CREATE TABLE odd_index (`a(b` int, KEY (`a(b`), FOREIGN KEY (`a(b`) REFERENCES z_parent (id));
CREATE TABLE a_parent (id int PRIMARY KEY, k int, KEY (k));
CREATE TABLE b_child (a int, b int, CONSTRAINT other_type FOREIGN KEY (a) REFERENCES a_parent (id), CONSTRAINT no_key FOREIGN KEY (b) REFERENCES a_parent (k));
DROP TABLE a_parent;
CREATE TABLE a_parent (id varchar(10) PRIMARY KEY, k int);
