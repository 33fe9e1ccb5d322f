create table Foo (a int);
create table bar (a int);
