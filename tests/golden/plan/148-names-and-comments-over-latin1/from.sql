create table `tÃ¤` (a int);
