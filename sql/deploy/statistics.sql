-- Statistics: States by status on a day, signatories that wait, and days from signature to consent.
-- Shares are of the member States of the Council of Europe on that day.
begin;
set local role ets144_owner;

create function register.last_change_day(known_at timestamptz)
    returns table (day date)
    language sql stable
    rows 1
begin atomic
    select greatest((select max(lower(held.valid))
                       from register.period as held
                      where upper_inf(held.recorded) and lower(held.recorded) <= known_at),
                    (select max(lower(held.valid))
                       from register.period as held
                      where not upper_inf(held.recorded) and held.recorded @> known_at));
end;
comment on function register.last_change_day is
    'The last day on which a State''s row changes.';

create function register.status_runs_at(known_at timestamptz)
    returns table (state text, from_day date, until_day date, member boolean, status text,
                   chapters text[])
    language sql stable
    rows 200
begin atomic
    select held.state, lower(held.valid),
           lead(lower(held.valid)) over (partition by held.state
                                             order by lower(held.valid) nulls first),
           held.member, held.status, held.chapters
      from register.periods_at(known_at) as held
     where held.new_status;
end;
comment on function register.status_runs_at is
    'The stretches of days on which the membership, status and chapters of each State stay the same, '
    'until the day before until_day.';

-- A State that did nothing is counted while it exists.
create function register.status_counts(as_of date, known_at timestamptz)
    returns table (status text, states bigint, members bigint)
    language sql stable
    rows 6
begin atomic
    select term.code, count(status.state), count(status.state) filter (where status.member)
      from register.vocabulary_term as term
      left join (select held.state, held.status, held.member
                   from register.status_at(as_of, known_at) as held
                   join register.state_version as version
                     on version.reference = held.state and version.recorded @> known_at
                  where held.status <> 'no_action'
                     or register.day_range(version.existed_from, version.existed_until)
                        @> as_of) as status
        on status.status = term.code
     where term.vocabulary = 'statuses'
     group by term.code, term.place
     order by term.place;
end;
comment on function register.status_counts is
    'The number of States of each status, in all and among the members.';

create function register.chapter_counts(as_of date, known_at timestamptz)
    returns table (chapter text, parties bigint, left_out bigint, vote_only bigint)
    language sql stable
    rows 3
begin atomic
    select term.code,
           count(status.state) filter (where term.code = any (status.chapters)),
           count(status.state) filter (where not term.code = any (status.chapters)),
           count(status.state) filter (where term.code = 'C' and status.vote_only)
      from register.vocabulary_term as term
      left join register.status_at(as_of, known_at) as status
        on status.status in ('party', 'party_denouncing')
     where term.vocabulary = 'chapters'
     group by term.code, term.place
     order by term.place;
end;
comment on function register.chapter_counts is
    'The number of Parties that each chapter binds.';

create function register.signatories_waiting_at(as_of date, known_at timestamptz)
    returns table (state text, member boolean, reference text, since date, confirmed boolean,
                   days integer)
    language sql stable
    rows 20
begin atomic
    select held.state, held.member, held.signature, since.day,
           held.signature_verification <> 'unconfirmed', as_of - since.day
      from register.periods_on(as_of, known_at) as held
     cross join lateral (
               select coalesce(held.signature_date, held.signature_not_after)) as since (day)
     where held.status = 'signatory';
end;
comment on function register.signatories_waiting_at is
    'The signatories that have not consented, with the day they have waited from; an unconfirmed '
    'day counts by its best known or last possible day.';

create function register.signature_to_consent_at(as_of date, known_at timestamptz)
    returns table (state text, signature text, consent text, days integer)
    language sql stable
    rows 20
begin atomic
    select held.state, held.signature, held.consent,
           case when 'unconfirmed' not in (held.signature_verification, held.consent_verification)
                then held.consent_date - held.signature_date end
      from register.periods_on(as_of, known_at) as held
     where held.signature is not null and held.consent is not null;
end;
comment on function register.signature_to_consent_at is
    'The days from signature to consent of each State in its present cycle; null: a day is '
    'unconfirmed, and the State does not count.';

commit;
