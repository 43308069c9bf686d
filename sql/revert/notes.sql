begin;

drop function register.note_breaches;
drop function register.difference_notes_at;
drop function register.anomaly_notes_at;
drop function register.notes_known;
drop function register.note_content;
drop function register.difference_value;
drop table register.note_version;
drop table register.note;

commit;
