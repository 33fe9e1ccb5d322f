create sequence s;
create sequence gone;
create sequence n start with -1 increment by -1;
