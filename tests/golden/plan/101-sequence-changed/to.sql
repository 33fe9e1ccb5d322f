create sequence s start with 5 minvalue -10 increment by 3 cache 20 cycle;
create sequence made start with 100;
create sequence n start with 1 increment by 1 maxvalue 500;
