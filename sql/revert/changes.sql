begin;

drop function register.changes_before;
drop function register.changes_after;
drop function register.changes_log;
drop function register.consequences_log;
drop function register.standing_lines;
drop function register.entry_shown;
drop function register.state_shown;
drop function register.version_shown;
drop function register.moves_standing;
drop function register.change_category;
drop table register.change;

commit;
