-- Sequences and what uses them.
CREATE SEQUENCE plain;
CREATE SEQUENCE every_option START WITH 100 INCREMENT BY -5 MINVALUE -1000 MAXVALUE 1000 CACHE 7 CYCLE COMMENT='it''s a sequence';
CREATE SEQUENCE no_cache NOCACHE NOCYCLE ENGINE=MyISAM;
CREATE SEQUENCE limits MINVALUE -9223372036854775807 MAXVALUE 9223372036854775806 START 5;
CREATE TABLE uses_sequences (a bigint NOT NULL DEFAULT nextval(plain), b bigint DEFAULT (next value for every_option), c bigint DEFAULT (lastval(plain) + 1),
  d bigint DEFAULT (setval(plain, 5)), e varchar(40) DEFAULT 'nextval(`plain`)', PRIMARY KEY (a));
CREATE SEQUENCE `@OTHER@`.far_sequence;
CREATE TABLE uses_far (a bigint DEFAULT nextval(`@OTHER@`.far_sequence));
CREATE VIEW sequence_view AS SELECT next_not_cached_value, cycle_count FROM plain;
CREATE VIEW next_view AS SELECT nextval(plain) AS n;
SELECT nextval(plain), nextval(every_option);
