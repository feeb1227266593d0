/**
 * Archived payloads are `json`, not `jsonb`: it keeps what tools and models said byte for byte, `\u0000` and lone
 * surrogates included, which `jsonb` refuses. Only columns that queries read are typed.
 */
export const runs = `
do $$ begin
  if exists (select 1 from pg_available_extensions where name = 'vector') then
    create extension if not exists vector;
  end if;
exception when insufficient_privilege then
  raise notice 'pgvector is there but this user may not create extensions';
end $$;

create table runs (
  id text primary key,
  tenant text not null,
  user_id text not null,
  key_id text not null,
  request_id text not null,
  incarnation int not null,
  partition int not null,
  status text not null,
  question text not null,
  agent text,
  planner text,
  cost_usd double precision not null default 0,
  created_at timestamptz not null,
  ended_at timestamptz,
  request json not null,
  response json
);
create index runs_by_tenant on runs (tenant, created_at desc, id desc);
create index runs_open on runs (created_at, id) where ended_at is null;
create index runs_ended on runs (ended_at) where ended_at is not null;

create table idempotency_keys (
  tenant text not null,
  user_id text not null,
  key text not null,
  body_hash text not null,
  run_id text not null references runs (id) on delete cascade deferrable initially deferred,
  created_at timestamptz not null,
  primary key (tenant, user_id, key)
);
create index idempotency_keys_by_run on idempotency_keys (run_id);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table steps (
  run_id text not null references runs (id) on delete cascade,
  id text not null,
  tenant text not null,
  position int not null,
  tool text not null,
  status text not null,
  cached boolean not null,
  started_at timestamptz,
  ended_at timestamptz,
  duration_ms double precision,
  result_epoch int,
  view json not null,
  primary key (run_id, id)
);
create index steps_by_time on steps (tenant, ended_at) include (tool, status, cached, duration_ms);

create table run_events (
  run_id text not null references runs (id) on delete cascade,
  number int not null,
  tenant text not null,
  at timestamptz not null,
  type text not null,
  data json not null,
  primary key (run_id, number)
);

create table model_calls (
  run_id text not null references runs (id) on delete cascade,
  number int not null,
  tenant text not null,
  started_at timestamptz not null,
  call json not null,
  primary key (run_id, number)
);

create table results (
  run_id text not null references runs (id) on delete cascade,
  step_id text not null,
  epoch int not null,
  tenant text not null,
  value json not null,
  primary key (run_id, step_id, epoch)
);

create table journal (
  run_id text not null references runs (id) on delete cascade,
  step_id text not null,
  try int not null,
  fallback boolean not null,
  tenant text not null,
  epoch int not null,
  begun_at timestamptz not null,
  finished_at timestamptz,
  outcome json,
  primary key (run_id, step_id, try, fallback)
);

create table tenants (id text primary key, created_at timestamptz not null);
create table users (
  tenant text not null references tenants (id),
  id text not null,
  created_at timestamptz not null,
  primary key (tenant, id)
);
create table api_keys (
  id text primary key,
  tenant text not null,
  user_id text not null,
  name text not null,
  prefix text not null,
  hash bytea not null,
  scopes json not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  foreign key (tenant, user_id) references users (tenant, id)
);
create index api_keys_by_prefix on api_keys (prefix);
create index api_keys_by_tenant on api_keys (tenant, created_at desc, id desc);
`;
