-- Statistics: how many States stood where on a day, who waits, and how long others took. Shares are
-- of the States that were members of the Council of Europe on that day.
begin;
set local role ets144_owner;

-- The days on which any State may come to stand otherwise: between two of them nobody does.
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

-- How many States have each status, in all and among the members.
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

-- How many Parties each chapter binds.
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

-- States that signed and have not consented, with the day they have waited from: of an unconfirmed
-- day the best known, or the last possible one.
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

-- Each State's days from its signature to its consent, in its present cycle.
--   days  null: one of the two days is not confirmed, so it does not count
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

commit;
