-- Statistics: States by status on a day, signatories that wait, and days from signature to consent.
-- Shares are of the member States of the Council of Europe on that day.
begin;
set local role ets144_owner;

create function register.change_days(known_at timestamptz)
    returns table (day date)
    language sql stable
    rows 200
begin atomic
    select effect.day
      from register.effects_at('infinity', known_at) as effect
     union
    select effect.effective_on
      from register.effects_at('infinity', known_at) as effect
     where effect.effective_on is not null
     union
    select membership.member_from
      from register.membership
     where membership.recorded @> known_at
     union
    select membership.member_until
      from register.membership
     where membership.recorded @> known_at and membership.member_until is not null;
end;
comment on function register.change_days is
    'The days on which the status of any State can change.';

create function register.status_counts(as_of date, known_at timestamptz)
    returns table (status text, states bigint, members bigint)
    language sql stable
    rows 6
begin atomic
    select term.code, count(status.state), count(status.state) filter (where status.member)
      from register.vocabulary_term as term
      left join register.status_at(as_of, known_at) as status
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
    select status.state, status.member, signature.reference, signature.day,
           signature.verification <> 'unconfirmed', as_of - signature.day
      from register.status_at(as_of, known_at) as status
      join register.actions_known(known_at) as signature
        on signature.reference = status.signature
     where status.status = 'signatory';
end;
comment on function register.signatories_waiting_at is
    'The signatories that have not consented, with the day they have waited from; an unconfirmed '
    'day counts by its best known or last possible day.';

create function register.signature_to_consent_at(as_of date, known_at timestamptz)
    returns table (state text, signature text, consent text, days integer)
    language sql stable
    rows 20
begin atomic
    select status.state, signature.reference, consent.reference,
           case when 'unconfirmed' not in (signature.verification, consent.verification)
                then consent.date - signature.date end
      from register.status_at(as_of, known_at) as status
      join register.actions_known(known_at) as signature
        on signature.reference = status.signature
      join register.actions_known(known_at) as consent on consent.reference = status.consent;
end;
comment on function register.signature_to_consent_at is
    'The days from signature to consent of each State in its present cycle; null: a day is '
    'unconfirmed, and the State does not count.';

commit;
