/** Configuration items, their relations, metric samples and events. `metrics` keeps units and time range, so a catalog needs no scan of samples. */
export const inventory = `
create table data_sources (
  tenant text not null,
  name text not null,
  sample boolean not null,
  version int not null,
  loaded_at timestamptz not null,
  primary key (tenant, name)
);

create sequence item_ids;
create table items (
  tenant text not null,
  id text not null default 'ci_' || nextval('item_ids'),
  source text not null,
  code text not null,
  name text not null,
  type text not null,
  description text not null,
  owner text,
  environment text,
  status text not null,
  attributes jsonb not null,
  primary key (tenant, id),
  unique (tenant, code)
);
create index items_by_type on items (tenant, type);
create index items_by_name on items (tenant, lower(name));
create index items_by_lower_code on items (tenant, lower(code));

create table relations (
  tenant text not null,
  from_id text not null,
  relation text not null,
  to_id text not null,
  primary key (tenant, from_id, relation, to_id),
  foreign key (tenant, from_id) references items (tenant, id) on delete cascade,
  foreign key (tenant, to_id) references items (tenant, id) on delete cascade
);
create index relations_backwards on relations (tenant, to_id);

create table metrics (
  tenant text not null,
  name text not null,
  unit text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (tenant, name)
);

-- No foreign key: with millions of rows it doubles the load time, and samples are only written next to their items.
create table metric_samples (
  tenant text not null,
  item_id text not null,
  metric text not null,
  at timestamptz not null,
  value double precision not null,
  primary key (tenant, item_id, metric, at)
);

create sequence item_event_ids;
create table item_events (
  tenant text not null,
  id text not null default 'ev_' || nextval('item_event_ids'),
  item_id text not null,
  type text not null,
  severity text not null,
  at timestamptz not null,
  message text not null,
  attributes jsonb not null,
  primary key (tenant, id),
  foreign key (tenant, item_id) references items (tenant, id) on delete cascade
);
create unique index item_events_once on item_events (tenant, item_id, type, at, md5(message));
create index item_events_by_time on item_events (tenant, at desc);
`;
