-- Deliveries: pending changes of webhooks, attempts and dead letters.
--
-- A dispatcher leases a webhook, sends the change after its cursor and reports the outcome; only
-- then does the cursor advance. Delivery is therefore ordered and at least once: when a lease
-- expires, another dispatcher sends the same change under the same id.
begin;
set local role ets144_owner;

-- Deliveries requested by hand: sent once, as soon as the webhook is free, regardless of backoff. So are
-- proposals, which are not in the feed; a proposal is sent again after a failure, but not before
-- not_before.
create table service.webhook_request (
    id bigint generated always as identity primary key,
    webhook text not null references service.webhook on delete cascade,
    delivery text not null,
    occasion text not null check (occasion in ('redelivery', 'test', 'proposal')),
    asked_at timestamptz not null default clock_timestamp(),
    not_before timestamptz not null default '-infinity',
    unique (webhook, delivery)
);

create table service.webhook_attempt (
    id bigint generated always as identity primary key,
    webhook text not null references service.webhook on delete cascade,
    delivery text not null, -- the change's id; a test has its own
    occasion text not null check (occasion in ('change', 'redelivery', 'test', 'proposal')),
    number integer not null check (number > 0),
    started_at timestamptz not null default clock_timestamp(),
    outcome text not null default 'under_way'
        check (outcome in ('under_way', 'interrupted', 'delivered', 'failed')),
    duration integer, -- milliseconds
    status integer,
    error text,
    answer text
);
create index webhook_attempt_of_delivery on service.webhook_attempt (webhook, delivery);
create index webhook_attempt_of_webhook on service.webhook_attempt (webhook, id);
create index webhook_attempt_started on service.webhook_attempt (started_at);

-- Deliveries that were given up. A redelivery by hand is possible, and removes the row if it
-- succeeds.
create table service.webhook_dead_letter (
    webhook text not null references service.webhook on delete cascade,
    delivery text not null references register.change (id),
    attempts integer not null,
    given_up_at timestamptz not null default clock_timestamp(),
    status integer,
    error text not null,
    primary key (webhook, delivery)
);

create function service.notify_dispatchers_of_change() returns trigger
    language plpgsql
as $$
begin
    perform service.notify_dispatchers();
    return null;
end
$$;
comment on function service.notify_dispatchers_of_change is
    'Trigger function: notifies the dispatchers of new changes.';

create trigger notify_dispatchers
    after insert on register.change
    for each statement execute function service.notify_dispatchers_of_change();

-- An internal webhook gets the internal outlook. Notes stay in the secretariat.
create function service.webhook_sees(internal boolean) returns text[]
    language sql immutable parallel safe
    return case when internal then array['outlook'] else array[]::text[] end;
comment on function service.webhook_sees is
    'The types of record whose internal changes a webhook gets.';

create function service.webhook_pending_changes(webhook service.webhook, most integer)
    returns setof register.change
    language sql stable
    rows 10
begin atomic
    select c.*
      from register.changes_after(webhook.after_at, webhook.after_number,
                                  service.webhook_sees(webhook.internal), webhook.categories,
                                  webhook.states, most) as c;
end;
comment on function service.webhook_pending_changes is
    'The changes that a webhook has not received yet, in order.';

create function service.webhook_queue(webhook service.webhook)
    returns table (waiting bigint, since timestamptz)
    language sql stable
    rows 1
begin atomic
    select count(*),
           case when count(*) > 0 then greatest(min(c.at), webhook.placed_at) end
      from service.webhook_pending_changes(webhook, 1000) as c;
end;
comment on function service.webhook_queue is
    'The number of changes that a webhook has not received (counted up to a thousand), and since '
    'when the first is due.';

-- Deliveries by hand -----------------------------------------------------------------------------

create function service.webhook_test(id text) returns text
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with asked as (
        insert into service.webhook_request (webhook, delivery, occasion)
        select w.id, register.uuid_v7(), 'test'
          from service.webhook as w
         where w.id = webhook_test.id
           and not exists (select
                             from service.webhook_request as r
                            where r.webhook = w.id and r.occasion = 'test')
        returning delivery, service.notify_dispatchers()
    )
    select asked.delivery from asked
     union all
    select r.delivery
      from service.webhook_request as r
     where r.webhook = webhook_test.id and r.occasion = 'test'
$$;
comment on function service.webhook_test is
    'Requests a test delivery, unless one is pending, and answers its id.';

create function service.webhook_redeliver(id text, delivery text) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with asked as (
        insert into service.webhook_request (webhook, delivery, occasion)
        select w.id, c.id, 'redelivery'
          from service.webhook as w
          join register.change as c
            on c.id = webhook_redeliver.delivery
           and c.audience <> register.audience_elsewhere(c.category,
                                                         service.webhook_sees(w.internal))
         where w.id = webhook_redeliver.id
            on conflict (webhook, delivery) do update set occasion = excluded.occasion
        returning service.notify_dispatchers()
    )
    select exists (select from asked)
$$;
comment on function service.webhook_redeliver is
    'Requests the delivery of a change out of order; false: the change is not for this webhook.';

create function service.webhook_replay(
    id text, after text, after_at timestamptz, after_number integer) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with placed as (
        update service.webhook as w
           set after_at = place.at, after_number = place.number, placed_at = clock_timestamp(),
               failing_since = null, failures = 0, next_attempt_at = clock_timestamp()
          from (select c.at, c.number, c.audience, c.category
                  from register.change as c
                 where c.id = webhook_replay.after
                 union all
                select webhook_replay.after_at, webhook_replay.after_number, 'everyone', null
                 where webhook_replay.after_at is not null) as place
         where w.id = webhook_replay.id
           and place.audience <> register.audience_elsewhere(place.category,
                                                             service.webhook_sees(w.internal))
        returning service.notify_dispatchers()
    )
    select exists (select from placed)
$$;
comment on function service.webhook_replay is
    'Moves a webhook''s cursor to a change or position; false: the change is not for this '
    'webhook.';

-- A person's scopes are known when the webhook is registered, a token's at any time.
create function service.may_decide(author text) returns boolean
    language sql stable
    return service.author_identity(author) <> author or author like '#%'
           or exists (select
                        from service.access_token as token
                       where token.name = author and token.revoked_at is null
                         and (token.expires_at is null or token.expires_at > clock_timestamp())
                         and 'changesets:approve' = any (token.scopes));
comment on function service.may_decide is
    'Whether the owner of a webhook of proposals still decides on them.';

create function service.notify_deciders(proposal text) returns void
    language sql volatile
as $$
    insert into service.webhook_request (webhook, delivery, occasion)
    select w.id, made.reference, 'proposal'
      from register.proposal as made
      join service.webhook as w
        on w.enabled and 'proposal' = any (w.categories) and service.may_decide(w.created_by)
     where made.reference = notify_deciders.proposal
       and (not made.internal
            or not exists (select
                             from jsonb_array_elements(made.operations) as done (item)
                            where done.item ->> 'type' <> all (service.webhook_sees(w.internal))))
       and (w.states is null
            or exists (select
                         from jsonb_array_elements(made.operations) as done (item)
                        where done.item ->> 'state' = any (w.states)));
    select service.notify_dispatchers()
$$;
comment on function service.notify_deciders is
    'Has a proposal delivered to the webhooks of those who decide on proposals.';

-- Delivering ----------------------------------------------------------------------------------

-- The longest waiting webhook comes first. A delivery is the change at a time and number; without
-- them it is a test.
create function service.webhook_claim(most integer, lease interval)
    returns table (
        attempt bigint, webhook text, delivery text, url text, secret text, previous_secret text,
        internal_types text, at timestamptz, number integer, trace text, occasion text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    feed_end record;
    hook service.webhook%rowtype;
    asked service.webhook_request%rowtype;
    next register.change%rowtype;
    taken integer := 0;
begin
    select * into feed_end from service.feed_end();
    for hook in
        select w.*
          from service.webhook as w
         where w.leased_until <= clock_timestamp()
           and (exists (select from service.webhook_request as r
                         where r.webhook = w.id and r.not_before <= clock_timestamp()
                           and (r.occasion <> 'proposal'
                                or (w.enabled and service.may_decide(w.created_by))))
                or (w.enabled and w.next_attempt_at <= clock_timestamp()
                    and (w.after_at, w.after_number) < (feed_end.at, feed_end.number)))
         order by w.leased_until, w.id
           for update skip locked
    loop
        exit when taken = most;
        -- The last leaseholder did not report an outcome.
        update service.webhook_attempt as a
           set outcome = 'interrupted'
         where a.id = hook.lease;
        next := null;
        select r.* into asked
          from service.webhook_request as r
         where r.webhook = hook.id and r.not_before <= clock_timestamp()
           and (r.occasion <> 'proposal'
                or (hook.enabled and service.may_decide(hook.created_by)))
         order by r.id
         limit 1;
        if asked.id is null then
            select c.* into next from service.webhook_pending_changes(hook, 1) as c;
        elsif asked.occasion = 'redelivery' then
            select c.* into next from register.change as c where c.id = asked.delivery;
        end if;
        if asked.id is null and next.id is null then
            -- No change after its cursor is for this webhook.
            update service.webhook as w
               set after_at = feed_end.at, after_number = feed_end.number
             where w.id = hook.id;
            continue;
        end if;
        webhook := hook.id;
        delivery := coalesce(asked.delivery, next.id);
        occasion := coalesce(asked.occasion, 'change');
        insert into service.webhook_attempt (webhook, delivery, occasion, number)
        select hook.id, webhook_claim.delivery, webhook_claim.occasion, count(*) + 1
          from service.webhook_attempt as a
         where a.webhook = hook.id and a.delivery = webhook_claim.delivery
        returning id into attempt;
        update service.webhook as w
           set lease = webhook_claim.attempt,
               leased_until = clock_timestamp() + webhook_claim.lease
         where w.id = hook.id;
        url := hook.url;
        secret := hook.secret;
        previous_secret := case when hook.previous_secret_until > clock_timestamp()
                                then hook.previous_secret end;
        internal_types := array_to_string(service.webhook_sees(hook.internal), ',');
        at := next.at;
        number := next.number;
        trace := next.trace;
        taken := taken + 1;
        return next;
    end loop;
end
$$;
comment on function service.webhook_claim is
    'Claims webhooks with pending deliveries, each with its next delivery, for the time of a '
    'lease.';

create function service.webhook_backoff(failures integer, first interval, patience interval)
    returns interval
    language sql volatile
    return least(first * power(4, least(failures, 16) - 1), patience / 6) * (0.5 + random());
comment on function service.webhook_backoff is
    'The backoff after a number of consecutive failures: exponential, at most a sixth of the '
    'retry period, with jitter from half to one and a half.';

--   delivered  the cursor moves to the change
--   failed     the change is sent again after a backoff
--   given_up   the retry period is over, counted from when the change was due: it becomes a dead
--              letter, and the cursor moves
--   gone       the receiver wants no more deliveries: the webhook is disabled, and its cursor stays
-- A delivery by hand, or from a cursor that was moved meanwhile, moves nothing.
create function service.webhook_advance(
    hook service.webhook, ended service.webhook_attempt, pause interval, patience interval)
    returns text
    language plpgsql volatile
as $$
declare
    became text := ended.outcome;
    change register.change%rowtype;
    again timestamptz;
begin
    update service.webhook as w
       set lease = null, leased_until = clock_timestamp(),
           enabled = w.enabled and ended.error is distinct from 'gone',
           disabled_because = case when ended.error = 'gone' then 'gone'
                                   else w.disabled_because end
     where w.id = hook.id;
    if ended.error = 'gone' then
        return 'gone';
    end if;
    if ended.occasion <> 'change' or hook.placed_at > ended.started_at then
        return became;
    end if;
    select c.* into change from register.change as c where c.id = ended.delivery;
    if became = 'failed' then
        again := least(clock_timestamp()
                       + service.webhook_backoff(hook.failures + 1, pause, patience),
                       greatest(change.at, hook.placed_at) + patience);
        if again <= clock_timestamp() then
            became := 'given_up';
            insert into service.webhook_dead_letter (webhook, delivery, attempts, status, error)
            values (hook.id, ended.delivery, ended.number, ended.status, ended.error)
                on conflict (webhook, delivery) do update
               set attempts = excluded.attempts, given_up_at = excluded.given_up_at,
                   status = excluded.status, error = excluded.error;
        end if;
    end if;
    update service.webhook as w
       set after_at = case when became = 'failed' then w.after_at else change.at end,
           after_number = case when became = 'failed' then w.after_number else change.number end,
           failures = case when became = 'delivered' then 0 else w.failures + 1 end,
           failing_since = case when became <> 'delivered'
                                then coalesce(w.failing_since, ended.started_at) end,
           next_attempt_at = case when became = 'failed' then again else clock_timestamp() end
     where w.id = hook.id;
    return became;
end
$$;
comment on function service.webhook_advance is
    'Advances a webhook after its leaseholder''s attempt ended, and answers the outcome.';

-- A dispatcher that lost its lease does not advance the webhook.
create function service.webhook_finish_attempt(
    attempt bigint, status integer, error text, duration integer, answer text, pause interval,
    patience interval)
    returns table (webhook text, delivery text, number integer, outcome text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    hook service.webhook%rowtype;
    ended service.webhook_attempt%rowtype;
begin
    select w.* into hook
      from service.webhook as w
      join service.webhook_attempt as a on a.webhook = w.id
     where a.id = webhook_finish_attempt.attempt
       for update of w;
    update service.webhook_attempt as a
       set outcome = case when webhook_finish_attempt.error is null then 'delivered'
                          else 'failed' end,
           duration = webhook_finish_attempt.duration, status = webhook_finish_attempt.status,
           error = webhook_finish_attempt.error, answer = webhook_finish_attempt.answer
     where a.id = webhook_finish_attempt.attempt and a.outcome in ('under_way', 'interrupted')
    returning a.* into ended;
    if ended.id is null then
        return;
    end if;
    if ended.outcome = 'delivered' then
        delete from service.webhook_dead_letter as d
         where d.webhook = hook.id and d.delivery = ended.delivery;
    end if;
    update service.webhook_request as r
       set not_before = clock_timestamp()
                        + service.webhook_backoff(ended.number, webhook_finish_attempt.pause,
                                                  webhook_finish_attempt.patience)
     where r.webhook = hook.id and r.delivery = ended.delivery and ended.occasion = 'proposal'
       and ended.outcome = 'failed' and ended.error <> 'gone'
       and r.asked_at + webhook_finish_attempt.patience > clock_timestamp();
    delete from service.webhook_request as r
     where r.webhook = hook.id and r.delivery = ended.delivery and r.occasion = ended.occasion
       and r.not_before <= clock_timestamp();
    delete from service.webhook_attempt as a
     where a.started_at < clock_timestamp() - interval '30 days' and a.outcome <> 'under_way';
    return query
        select hook.id, ended.delivery, ended.number,
               case when hook.lease = ended.id
                    then service.webhook_advance(hook, ended, webhook_finish_attempt.pause,
                                              webhook_finish_attempt.patience)
                    else ended.outcome end;
end
$$;
comment on function service.webhook_finish_attempt is
    'Finishes an attempt with its outcome; empty: finished before, or the webhook was deleted.';

create function service.webhook_release(attempts bigint[]) returns bigint
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with released as (
        update service.webhook as w
           set leased_until = clock_timestamp()
         where w.lease = any (attempts)
        returning service.notify_dispatchers()
    )
    select count(*) from released
$$;
comment on function service.webhook_release is
    'Releases leases at once, for attempts that this dispatcher will not finish.';

-- Monitoring ----------------------------------------------------------------------------------

create function service.webhook_attempts(id text, before bigint, most integer)
    returns table (
        attempt bigint, delivery text, occasion text, number integer, started_at timestamptz,
        outcome text, duration integer, status integer, error text, answer text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select a.id, a.delivery, a.occasion, a.number, a.started_at, a.outcome, a.duration, a.status,
           a.error, a.answer
      from service.webhook_attempt as a
     where a.webhook = webhook_attempts.id and a.id < coalesce(before, 9223372036854775807)
     order by a.id desc
     limit most
$$;
comment on function service.webhook_attempts is
    'The attempts of a webhook before an attempt, newest first.';

create function service.webhook_dead_letters(
    id text, after_at timestamptz, after_number integer, most integer)
    returns table (
        delivery text, at timestamptz, number integer, category text, state text, revision bigint,
        attempts integer, given_up_at timestamptz, status integer, error text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select d.delivery, c.at, c.number, c.category, c.state, c.revision, d.attempts, d.given_up_at,
           d.status, d.error
      from service.webhook_dead_letter as d
      join register.change as c on c.id = d.delivery
     where d.webhook = webhook_dead_letters.id
       and (c.at, c.number) > (coalesce(after_at, '-infinity'), coalesce(after_number, 0))
     order by c.at, c.number
     limit most
$$;
comment on function service.webhook_dead_letters is
    'The dead letters of a webhook after a position, in the feed''s order.';

create function service.webhook_progress(id text)
    returns table (
        waiting bigint, waiting_since timestamptz, failing_since timestamptz, failures integer,
        next_attempt_at timestamptz, dead_letters bigint)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select queue.waiting, queue.since, w.failing_since, w.failures,
           case when w.enabled and queue.waiting > 0 and w.failures > 0 then w.next_attempt_at end,
           (select count(*) from service.webhook_dead_letter as d where d.webhook = w.id)
      from service.webhook as w
     cross join lateral service.webhook_queue(w) as queue
     where w.id = webhook_progress.id
$$;
comment on function service.webhook_progress is
    'The progress of a webhook: pending changes, failures and dead letters.';

create function service.webhook_backlog()
    returns table (
        enabled bigint, disabled bigint, failing bigint, waiting bigint, oldest_seconds float8,
        dead_letters bigint)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select count(*) filter (where w.enabled), count(*) filter (where not w.enabled),
           count(*) filter (where w.enabled and w.failures > 0),
           coalesce(sum(queue.waiting) filter (where w.enabled), 0)::bigint,
           coalesce(extract(epoch from clock_timestamp()
                                       - min(queue.since) filter (where w.enabled)), 0),
           (select count(*) from service.webhook_dead_letter)
      from service.webhook as w
     cross join lateral service.webhook_queue(w) as queue
$$;
comment on function service.webhook_backlog is
    'The backlog of all webhooks, for monitoring.';

commit;
