import type {
  AdmittedStep,
  ErrorBody,
  Json,
  ModelCall,
  PlanStep,
  RunEvent,
  RunRequest,
  RunResponse,
  ScheduledRequest,
  Scope,
  StepView,
} from '@planyard/contracts';
import type { ColumnType, Generated, Kysely } from 'kysely';

/** What it takes to run a step again. */
export interface StepDefinition {
  admitted: AdmittedStep;
  call_hash: string | null;
}

/** A pool or a transaction: every repository function takes one, so callers decide what commits together. */
export type Executor = Kysely<Database>;

/** Read as Date, written as Date or ISO text. */
type Time = ColumnType<Date, Date | string, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null, Date | string | null>;
/** Written as JSON text: the driver would turn an array into a Postgres array. */
type Stored<T> = ColumnType<T, string, string>;
type NullableStored<T> = ColumnType<T | null, string | null, string | null>;

interface RunsTable {
  id: string;
  tenant: string;
  user_id: string;
  key_id: string;
  request_id: string;
  incarnation: number;
  partition: number;
  status: string;
  question: string;
  agent: string | null;
  planner: string | null;
  cost_usd: Generated<number | null>;
  created_at: Time;
  ended_at: NullableTime;
  rebuilt_at: NullableTime;
  request: Stored<RunRequest>;
  response: NullableStored<RunResponse>;
  conversation_id: Generated<string | null>;
  summed_up: Generated<boolean>;
}

interface PlansTable {
  run_id: string;
  tenant: string;
  intent: string;
  agent: string | null;
  prompt: string | null;
  source: string;
  repairs: number;
  status: string;
  steps_planned: number;
  steps_useful: number;
  cost_usd: number | null;
  latency_ms: number;
  created_at: Time;
  key: string | null;
  scope: string | null;
  question: string | null;
  vector: number[] | null;
  steps: NullableStored<PlanStep[]>;
  reusable: boolean;
  error: Generated<string | null>;
}

interface ConversationsTable {
  id: string;
  tenant: string;
  user_id: string;
  created_at: Time;
  summary: Generated<string | null>;
}

interface IdempotencyKeysTable {
  tenant: string;
  user_id: string;
  key: string;
  body_hash: string;
  run_id: string;
  created_at: Time;
}

interface StepsTable {
  run_id: string;
  id: string;
  tenant: string;
  position: number;
  tool: string;
  status: string;
  cached: boolean;
  started_at: NullableTime;
  ended_at: NullableTime;
  duration_ms: number | null;
  /** An earlier step of the run made the call. */
  adopted: Generated<boolean>;
  /** Where a fallback ran: the tool whose call it took the place of. */
  failed_tool: Generated<string | null>;
  /** The epoch of the `results` row that holds the result; null when `view` has it or there is none. */
  result_epoch: number | null;
  view: Stored<StepView>;
  /** null for what was archived before there were reruns. */
  definition: NullableStored<StepDefinition>;
}

interface RunEventsTable {
  run_id: string;
  number: number;
  tenant: string;
  at: Time;
  type: string;
  data: Stored<RunEvent['data']>;
}

interface ModelCallsTable {
  id: Generated<string>;
  /** null: it came in at the model API. */
  run_id: string | null;
  /** In its run. */
  number: number | null;
  tenant: string;
  user_id: string;
  key_id: string;
  tags: Generated<string[]>;
  started_at: Time;
  provider: string;
  model: string;
  agent: string | null;
  status: string;
  input_tokens: Generated<string>;
  output_tokens: Generated<string>;
  cached_tokens: Generated<string>;
  cost_usd: number | null;
  call: Stored<ModelCall>;
}

interface ResultsTable {
  run_id: string;
  step_id: string;
  epoch: number;
  tenant: string;
  value: Stored<Json>;
}

interface JournalTable {
  run_id: string;
  incarnation: number;
  step_id: string;
  try: number;
  fallback: boolean;
  tenant: string;
  call_hash: string;
  epoch: number;
  begun_at: Time;
  finished_at: NullableTime;
  outcome: NullableStored<Json>;
}

interface TenantsTable {
  id: string;
  created_at: Time;
}

interface UsersTable {
  tenant: string;
  id: string;
  created_at: Time;
}

interface ApiKeysTable {
  id: string;
  tenant: string;
  user_id: string;
  name: string;
  prefix: string;
  hash: Buffer;
  scopes: Stored<Scope[]>;
  created_at: Time;
  expires_at: NullableTime;
  revoked_at: NullableTime;
  last_used_at: NullableTime;
}

interface DataSourcesTable {
  tenant: string;
  name: string;
  sample: boolean;
  /** Counts up with every load: whoever shows a catalog sees that it has changed. */
  version: number;
  loaded_at: Time;
}

interface ItemsTable {
  tenant: string;
  id: Generated<string>;
  source: string;
  code: string;
  name: string;
  type: string;
  description: string;
  owner: string | null;
  environment: string | null;
  status: string;
  attributes: Stored<Record<string, Json>>;
}

interface RelationsTable {
  tenant: string;
  from_id: string;
  relation: string;
  to_id: string;
}

interface MetricsTable {
  tenant: string;
  name: string;
  unit: string;
  first_at: Time;
  last_at: Time;
}

interface MetricSamplesTable {
  tenant: string;
  item_id: string;
  metric: string;
  at: Time;
  value: number;
}

interface ItemEventsTable {
  tenant: string;
  id: Generated<string>;
  item_id: string;
  type: string;
  severity: string;
  at: Time;
  message: string;
  attributes: Stored<Record<string, Json>>;
}

interface SchedulesTable {
  id: string;
  tenant: string;
  user_id: string;
  key_id: string;
  name: string;
  cron: string;
  timezone: string;
  request: Stored<ScheduledRequest>;
  paused_because: string | null;
  created_at: Time;
  /** A time before it was due to nobody. */
  active_since: Time;
  last_fired_at: NullableTime;
  last_run_id: string | null;
  last_error: NullableStored<ErrorBody>;
}

export interface Database {
  runs: RunsTable;
  conversations: ConversationsTable;
  plans: PlansTable;
  idempotency_keys: IdempotencyKeysTable;
  steps: StepsTable;
  run_events: RunEventsTable;
  model_calls: ModelCallsTable;
  results: ResultsTable;
  journal: JournalTable;
  tenants: TenantsTable;
  users: UsersTable;
  api_keys: ApiKeysTable;
  schedules: SchedulesTable;
  data_sources: DataSourcesTable;
  items: ItemsTable;
  relations: RelationsTable;
  metrics: MetricsTable;
  metric_samples: MetricSamplesTable;
  item_events: ItemEventsTable;
}
