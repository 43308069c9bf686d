begin;

select revision, salt, tokens, recorded_digest, internal_digest, digest from register.revision_digest where false;
select at, revision, digest from register.internal_digest where false;
select import, digest from register.import_digest where false;
select number, event, name, digest from service.access_token_log where false;
select register.revision_content(0, '', ''), register.revision_digests(0, '', null);
select recorded, next_place from register.revision_page(0, 0, 1);

rollback;
