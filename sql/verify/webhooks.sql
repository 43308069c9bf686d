begin;

select id, url from service.webhook_list('', true) where false;
select at, number from service.feed_end() where false;

rollback;
