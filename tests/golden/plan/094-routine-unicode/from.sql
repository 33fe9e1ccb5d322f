create procedure p() select 'ä';
