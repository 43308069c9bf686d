-- Webhooks: subscriptions to the change feed. No rule of the Convention is here.
--
-- A webhook belongs to the token or the person that created it; no other sees it, except with the
-- administrators' scope webhooks:admin. It has a cursor in the feed, after which its pending
-- changes come; deliveries.sql delivers them.
begin;
set local role ets144_owner;

create table service.webhook (
    id text primary key default register.uuid_v7(),
    url text not null check (length(url) between 1 and 2000),
    description text,
    categories text[], -- null: all
    states text[],     -- null: all, and changes about no State
    internal boolean not null,
    enabled boolean not null default true,
    disabled_because text check (disabled_because in ('request', 'gone')),
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    secret text not null check (secret ~ '^whsec_[A-Za-z0-9+/]{43}=$'),
    secret_changed_at timestamptz,
    previous_secret text,
    previous_secret_until timestamptz,
    after_at timestamptz not null,    -- its cursor
    after_number integer not null,
    placed_at timestamptz not null default clock_timestamp(), -- when the cursor was last set by hand
    failing_since timestamptz,
    failures integer not null default 0, -- in a row
    next_attempt_at timestamptz not null default clock_timestamp(),
    lease bigint, -- the attempt under way
    leased_until timestamptz not null default clock_timestamp(),
    check (enabled = (disabled_because is null)),
    check ((previous_secret is null) = (previous_secret_until is null))
);

create function service.notify_dispatchers() returns void
    language sql volatile
    return register.notify_listeners('ets144_webhook');
comment on function service.notify_dispatchers is
    'Notifies the dispatchers, when the transaction commits, that there may be deliveries.';

create function service.feed_end(out at timestamptz, out number integer)
    language sql stable
begin atomic
    select coalesce(newest.at, '-infinity'), coalesce(newest.number, 0)
      from (values (1)) as always (one)
      left join lateral (
               select c.at, c.number
                 from register.change as c
                order by c.at desc, c.number desc
                limit 1
           ) as newest on true;
end;
comment on function service.feed_end is
    'The position of the newest entry of the change feed, internal entries included.';

create function service.webhook_list(
    token_digest bytea, internal boolean, id text default null, person jsonb default null)
    returns table (
        id text, url text, description text, categories text[], states text[], internal boolean,
        enabled boolean, disabled_because text, failing_since timestamptz,
        secret_changed_at timestamptz, previous_secret_until timestamptz, created_at timestamptz,
        created_by text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select w.id, w.url, w.description, w.categories, w.states, w.internal, w.enabled,
           w.disabled_because, w.failing_since, w.secret_changed_at,
           case when w.previous_secret_until > clock_timestamp() then w.previous_secret_until end,
           w.created_at, w.created_by
      from service.webhook as w
     where (webhook_list.id is null or w.id = webhook_list.id)
       and (webhook_list.internal or not w.internal)
       and service.token_owns(webhook_list.token_digest, w.created_by, 'webhooks:admin',
                              webhook_list.person)
     order by w.created_at, w.id
$$;
comment on function service.webhook_list is
    'The webhooks that a caller may see, or of these the webhook of an id; internal webhooks only on '
    'request.';

create function service.webhook_filter(list jsonb, codes boolean) returns text[]
    language sql immutable
    return (select array_agg(distinct case when codes then upper(entry.value) else entry.value end)
              from unnest(register.text_array(list)) as entry (value));
comment on function service.webhook_filter is
    'A filter of a document as stored: sorted, without duplicates, codes in capitals; null: no '
    'filter.';

create function service.webhook_create(
    document jsonb, secret text, most integer, most_of_author integer)
    returns text
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    switched_on constant boolean := coalesce((document ->> 'enabled')::boolean, true);
    created text;
begin
    -- Creations queue, so that the count is right.
    lock table service.webhook in share update exclusive mode;
    insert into service.webhook
        (url, description, categories, states, internal, enabled, disabled_because, created_by,
         secret, after_at, after_number)
    select document ->> 'url', document ->> 'description',
           service.webhook_filter(document -> 'categories', false),
           service.webhook_filter(document -> 'states', true),
           coalesce((document ->> 'internal')::boolean, false), switched_on,
           case when not switched_on then 'request' end, service.author(), webhook_create.secret,
           feed_end.at, feed_end.number
      from service.feed_end() as feed_end
     where (select count(*) < most
                   and count(*) filter (
                           where service.author_identity(w.created_by)
                                 = service.author_identity(service.author())) < most_of_author
              from service.webhook as w)
    returning id into created;
    return created;
end
$$;
comment on function service.webhook_create is
    'Creates a webhook that receives the changes from now on; null: the limit of all webhooks, or of '
    'the author''s, is reached.';

create function service.webhook_first_secret(id text) returns text
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select w.secret
      from service.webhook as w
     where w.id = webhook_first_secret.id and w.secret_changed_at is null
$$;
comment on function service.webhook_first_secret is
    'The secret that a webhook was created with, for a repeated request; null: rotated since.';

create function service.webhook_lock(id text) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select true from service.webhook as w where w.id = webhook_lock.id for update
$$;
comment on function service.webhook_lock is
    'Locks a webhook until the transaction ends.';

-- A webhook that is enabled again continues at its cursor; a new address is tried at once.
create function service.webhook_change(id text, document jsonb) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with wanted as (
        select w.id, content.url, content.description, content.categories, content.states,
               content.internal, content.enabled,
               content.enabled and (not w.enabled or w.url <> content.url) as fresh
          from service.webhook as w
         cross join lateral (
                   select jsonb_build_object(
                              'url', w.url, 'description', w.description,
                              'categories', w.categories, 'states', w.states,
                              'internal', w.internal, 'enabled', w.enabled)
                          || webhook_change.document as document
               ) as merged
         cross join lateral (
                   select merged.document ->> 'url' as url,
                          merged.document ->> 'description' as description,
                          service.webhook_filter(merged.document -> 'categories', false)
                              as categories,
                          service.webhook_filter(merged.document -> 'states', true) as states,
                          coalesce((merged.document ->> 'internal')::boolean, false) as internal,
                          coalesce((merged.document ->> 'enabled')::boolean, true) as enabled
               ) as content
         where w.id = webhook_change.id
    ),
    changed as (
        update service.webhook as w
           set url = wanted.url, description = wanted.description,
               categories = wanted.categories, states = wanted.states,
               internal = wanted.internal, enabled = wanted.enabled,
               disabled_because = case when not wanted.enabled
                                       then coalesce(w.disabled_because, 'request') end,
               placed_at = case when wanted.fresh then clock_timestamp() else w.placed_at end,
               failing_since = case when not wanted.fresh then w.failing_since end,
               failures = case when wanted.fresh then 0 else w.failures end,
               next_attempt_at = case when wanted.fresh then clock_timestamp()
                                      else w.next_attempt_at end
          from wanted
         where w.id = wanted.id
        returning service.notify_dispatchers()
    )
    select exists (select from changed)
$$;
comment on function service.webhook_change is
    'Changes a webhook by a merge patch (RFC 7396).';

create function service.webhook_delete(id text) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with deleted as (
        delete from service.webhook as w where w.id = webhook_delete.id returning 1
    )
    select exists (select from deleted)
$$;
comment on function service.webhook_delete is
    'Deletes a webhook; false: unknown.';

-- On a second rotation within the day the previous secret stays the same: it is the one receivers
-- have.
create function service.webhook_rotate(id text, secret text, keep_previous boolean)
    returns timestamptz
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    update service.webhook as w
       set secret = webhook_rotate.secret,
           secret_changed_at = clock_timestamp(),
           previous_secret = case when not keep_previous then null
                                  when w.previous_secret_until > clock_timestamp()
                                  then w.previous_secret
                                  else w.secret end,
           previous_secret_until = case when keep_previous
                                        then clock_timestamp() + interval '1 day' end
     where w.id = webhook_rotate.id
    returning w.previous_secret_until
$$;
comment on function service.webhook_rotate is
    'Rotates a webhook''s secret; for a day the previous secret signs as well, unless the caller '
    'declines.';

commit;
