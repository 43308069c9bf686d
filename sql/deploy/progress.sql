-- Progress: what States did since a call, and the stage of those that are not Parties.
begin;
set local role ets144_owner;

create function register.has_done(status text, request text) returns boolean
    language sql immutable parallel safe
    return status in ('contracting_state', 'party', 'party_denouncing')
        or (request = 'signature' and status = 'signatory');
comment on function register.has_done is
    'Whether a State of a status has done what a call asks for.';

create function register.call_progress(reference text, as_of date, known_at timestamptz)
    returns table (state text, member boolean, status_then text, status text, remains text[])
    language sql stable
    rows 50
begin atomic
    with call as materialized (
        select c.date, c.asks_for
          from register.calls_known(as_of, known_at) as c
         where c.reference = call_progress.reference and not c.voided
    ),
    before as materialized (
        select s.state, s.member, s.status
          from call
         cross join lateral register.status_at(call.date, known_at) as s
    ),
    now as materialized (
        select s.state, s.member, s.status from register.status_at(as_of, known_at) as s
    )
    select before.state, now.member, before.status, now.status,
           array(select request
                   from unnest(call.asks_for) as request
                  where not register.has_done(now.status, request)
                  order by request desc)
      from call
     cross join before
      join now on now.state = before.state
     where before.member
       and exists (select
                     from unnest(call.asks_for) as request
                    where not register.has_done(before.status, request));
end;
comment on function register.call_progress is
    'The States that a call addresses: the members of its day that had not done all it asks for; '
    'remains lists what is still to do.';

create function register.outlook_at(as_of date, known_at timestamptz, internal boolean)
    returns table (
        state text, member boolean, status text, reference text, stage text, date date,
        next_step_en text, next_step_fr text, note_en text, note_fr text, visibility text,
        sources text[])
    language sql stable
    rows 50
begin atomic
    with entry as (
        select distinct on (known.state) known.*
          from register.outlook_known(as_of, known_at, internal) as known
         where not known.voided
         order by known.state, known.date desc, known.recorded_at desc
    )
    select status.state, status.member, status.status, entry.reference,
           coalesce(entry.stage, 'no_information'), entry.date, entry.next_step_en,
           entry.next_step_fr, entry.note_en, entry.note_fr, entry.visibility,
           coalesce(entry.sources, '{}')
      from register.status_at(as_of, known_at) as status
      left join entry on entry.state = status.state
     where status.status not in ('party', 'party_denouncing')
       and (status.member or status.status <> 'no_action' or entry.state is not null);
end;
comment on function register.outlook_at is
    'The States that are not Parties on a day and are members or have acted, with their newest '
    'outlook entry.';

commit;
