create table foo (a int);
create table bar (A int, b int);
