begin;

select register.json_digest('{}'), register.utc_text(now());

rollback;
