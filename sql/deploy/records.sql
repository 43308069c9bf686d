-- The versions of every record but treaty actions, States and memberships, for what treats them alike:
-- the change feed, the chain and the audit.
begin;
set local role ets144_owner;

-- place: the order of the types in the feed. public_version: as readers of public versions only count.
create view register.record_version with (security_invoker = true) as
select 3 as place, 'call'::text as type, v.reference as reference, v.version as version,
       v.recorded as recorded, v.author as author, v.reason as reason, null::text as state,
       'public'::text as visibility, v.version as public_version, to_jsonb(v) as content
  from register.call_version as v
 union all
select 4 as place, 'reply'::text as type, v.reference as reference, v.version as version,
       v.recorded as recorded, v.author as author, v.reason as reason, identity.state as state,
       'public'::text as visibility, v.version as public_version, to_jsonb(v) as content
  from register.reply_version as v
  join register.reply as identity on identity.reference = v.reference
 union all
select 5 as place, 'outlook'::text as type, v.reference as reference, v.version as version,
       v.recorded as recorded, v.author as author, v.reason as reason, identity.state as state,
       v.visibility as visibility,
       register.public_version('register.outlook_version', v.reference, v.version)
           as public_version, to_jsonb(v) as content
  from register.outlook_version as v
  join register.outlook_entry as identity on identity.reference = v.reference
 union all
select 6 as place, 'note'::text as type, v.reference as reference, v.version as version,
       v.recorded as recorded, v.author as author, v.reason as reason, identity.state as state,
       v.visibility as visibility,
       register.public_version('register.note_version', v.reference, v.version) as public_version,
       to_jsonb(v) as content
  from register.note_version as v
  join register.note as identity on identity.reference = v.reference;
comment on view register.record_version is
    'The versions of calls, replies, outlook entries and notes.';

create view register.record_state with (security_invoker = true) as
select 'reply'::text as type, reply.reference as reference, reply.state as state
  from register.reply
 union all
select 'outlook'::text as type, entry.reference as reference, entry.state as state
  from register.outlook_entry as entry
 union all
select 'note'::text as type, note.reference as reference, note.state as state
  from register.note;
comment on view register.record_state is
    'The State of each record that has one and whose reference does not name it.';

commit;
