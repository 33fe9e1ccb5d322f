create table t (a varchar(10), b varchar(10) character set latin1, c enum('x'), d int, g varchar(20) as (concat(a, 'x')) virtual, key (a)) charset latin1;
