-- Deliveries: what webhooks are told, how far each has been told, and what came of every attempt.
--
-- Whoever delivers takes a lease on a webhook, sends it the change behind its place, and says what
-- came of it: only then does the place move. So the changes reach it in their order, one at a time,
-- and at least once: a lease that ran out is taken by another, who sends the same change under the
-- same id.
begin;
set local role ets144_owner;

-- What was asked for by hand: sent once, as soon as the webhook is free, whatever it has to wait for.
create table service.webhook_request (
    id bigint generated always as identity primary key,
    webhook text not null references service.webhook on delete cascade,
    delivery text not null,
    occasion text not null check (occasion in ('redelivery', 'test')),
    unique (webhook, delivery)
);

create table service.webhook_attempt (
    id bigint generated always as identity primary key,
    webhook text not null references service.webhook on delete cascade,
    delivery text not null, -- the change's id; a test has its own
    occasion text not null check (occasion in ('change', 'redelivery', 'test')),
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

-- What was given up; it can still be sent again by hand, and is gone from here when that succeeds.
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

create trigger notify_dispatchers
    after insert on register.change
    for each statement execute function service.notify_dispatchers_of_change();

-- The changes that a webhook has still to be told, in their order.
create function service.webhook_pending_changes(webhook service.webhook, most integer)
    returns setof register.change
    language sql stable
    rows 10
begin atomic
    select c.*
      from register.changes_after(webhook.after_at, webhook.after_number, webhook.internal,
                                  webhook.categories, webhook.states, most) as c;
end;

-- What is asked for by hand -------------------------------------------------------------------

-- Sends a test; answers its id. One that has not left yet is not doubled.
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

-- Sends a change once more, out of its order. False: the webhook is not told of any such change.
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
           and c.audience <> case when w.internal then 'public' else 'internal' end
         where w.id = webhook_redeliver.id
            on conflict (webhook, delivery) do update set occasion = excluded.occasion
        returning service.notify_dispatchers()
    )
    select exists (select from asked)
$$;

-- Gives it another place: behind the change of an id, or behind a time and number. False: it is not
-- told of any such change.
create function service.webhook_replay(
    id text, after text, after_at timestamptz, after_number integer) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with placed as (
        update service.webhook as w
           set after_at = place.at, after_number = place.number, placed_at = clock_timestamp(),
               failing_since = null, failures = 0, next_attempt_at = clock_timestamp()
          from (select c.at, c.number, c.audience
                  from register.change as c
                 where c.id = webhook_replay.after
                 union all
                select webhook_replay.after_at, webhook_replay.after_number, 'everyone'
                 where webhook_replay.after_at is not null) as place
         where w.id = webhook_replay.id
           and place.audience <> case when w.internal then 'public' else 'internal' end
        returning service.notify_dispatchers()
    )
    select exists (select from placed)
$$;

-- Delivering ----------------------------------------------------------------------------------

-- Takes at most so many webhooks that have something to be sent and that nobody holds, each with its
-- next delivery, for as long as the lease lasts; who waited longest comes first. The delivery is the
-- change of that time and number; without one it is a test.
create function service.webhook_claim(most integer, lease interval)
    returns table (
        attempt bigint, webhook text, delivery text, url text, secret text, previous_secret text,
        internal boolean, at timestamptz, number integer, trace text)
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
           and (exists (select from service.webhook_request as r where r.webhook = w.id)
                or (w.enabled and w.next_attempt_at <= clock_timestamp()
                    and (w.after_at, w.after_number) < (feed_end.at, feed_end.number)))
         order by w.leased_until, w.id
           for update skip locked
    loop
        exit when taken = most;
        -- Who took it last did not say what came of it.
        update service.webhook_attempt as a
           set outcome = 'interrupted'
         where a.id = hook.lease;
        next := null;
        select r.* into asked
          from service.webhook_request as r
         where r.webhook = hook.id
         order by r.id
         limit 1;
        if asked.id is null then
            select c.* into next from service.webhook_pending_changes(hook, 1) as c;
        elsif asked.occasion = 'redelivery' then
            select c.* into next from register.change as c where c.id = asked.delivery;
        end if;
        if asked.id is null and next.id is null then
            -- All that lies behind its place is none of its business.
            update service.webhook as w
               set after_at = feed_end.at, after_number = feed_end.number
             where w.id = hook.id;
            continue;
        end if;
        webhook := hook.id;
        delivery := coalesce(asked.delivery, next.id);
        insert into service.webhook_attempt (webhook, delivery, occasion, number)
        select hook.id, webhook_claim.delivery, coalesce(asked.occasion, 'change'), count(*) + 1
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
        internal := hook.internal;
        at := next.at;
        number := next.number;
        trace := next.trace;
        taken := taken + 1;
        return next;
    end loop;
end
$$;

-- How long to wait after so many failures in a row: four times as long after each, up to a sixth of
-- the whole patience, and by chance between half and one and a half of it, so that those that failed
-- together do not come back together.
create function service.webhook_backoff(failures integer, first interval, patience interval)
    returns interval
    language sql volatile
    return least(first * power(4, least(failures, 16) - 1), patience / 6) * (0.5 + random());

-- Moves a webhook on after an attempt of its leaseholder has ended, and answers what became of it:
--   delivered  the place moves behind the change
--   failed     the change is sent again after a pause
--   given_up   the patience is over, counted from when the change was due at the earliest: it becomes
--              a dead letter, and the place moves
--   gone       the receiver wants no more: the webhook is switched off, and keeps its place
-- What was sent by hand, or from a place that it was taken from meanwhile, moves nothing.
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

-- Notes what came of an attempt; nothing, if that was said before or the webhook is gone. Who has lost
-- the lease moves nothing on.
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
    delete from service.webhook_request as r
     where r.webhook = hook.id and r.delivery = ended.delivery and r.occasion = ended.occasion;
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

-- Leaves to others, at once, what is under way and will not be ended.
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

-- Looking at it -------------------------------------------------------------------------------

-- The attempts, newest first, from before one of them.
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

-- What was given up, in the feed's order, from behind one of them.
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

-- How far it has been told: how many changes wait (counted up to a thousand) and since when.
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
     cross join lateral (
               select count(*) as waiting,
                      case when count(*) > 0 then greatest(min(c.at), w.placed_at) end as since
                 from service.webhook_pending_changes(w, 1000) as c
           ) as queue
     where w.id = webhook_progress.id
$$;

-- For those who watch over the service.
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
     cross join lateral (
               select count(*) as waiting,
                      case when count(*) > 0 then greatest(min(c.at), w.placed_at) end as since
                 from service.webhook_pending_changes(w, 1000) as c
           ) as queue
$$;

commit;
