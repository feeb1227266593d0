/** The first plan of each ended run. `reusable`: runs with the same key may take its steps. */
export const plans = `
create table plans (
  run_id text primary key references runs (id) on delete cascade,
  tenant text not null,
  intent text not null,
  agent text,
  prompt text,
  source text not null,
  repairs int not null,
  status text not null,
  steps_planned int not null,
  steps_useful int not null,
  cost_usd double precision,
  latency_ms double precision not null,
  created_at timestamptz not null,
  key text,
  scope text,
  question text,
  vector real[],
  steps json,
  reusable boolean not null
);
create index plans_by_time on plans (tenant, created_at);
create index plans_by_key on plans (tenant, key, created_at desc) where reusable;
create index plans_by_scope on plans (tenant, scope, created_at desc) where reusable and vector is not null;
`;
