create table t (a enum('x','y','z'), b set('a','b'));
