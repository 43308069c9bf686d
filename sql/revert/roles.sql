begin;

-- The roles stay: they belong to the cluster, and other databases may use them.
drop schema service;
drop schema register;
drop extension btree_gist;
alter default privileges for role ets144_owner grant execute on functions to public;

commit;
