import type { QueueName, RunId, StepId } from '@planyard/contracts';
import type { RunRef } from './run-state.ts';
import type { EngineSettings } from './settings.ts';

/*
 * Every Redis key of the engine. With `P` = `py:{p0}:` (a partition's prefix, its hash tag in braces) and
 * `R` = `P r:<run>:<incarnation>:`, scripts build from `P`:
 *
 *   P due         zset  released but not begun: `<run>:<incarnation>|<step or @phase>` → when to look again
 *   P leases      zset  held by a worker → when the lease ends
 *   P deadlines   zset  open runs with a deadline
 *   P approvals   zset  steps that wait for a person → when that expires
 *   P open        zset  open runs → when they were accepted
 *   P slots       hash  steps in flight of each tenant and capped tool; P parked:… zsets wait for a slot
 *   P run:<run>   the run's incarnation in Redis
 *   R meta        hash  the run;  R ids  list of its steps;  R s:<step>  hash of a step
 *   R events      stream: an entry for each transition, `<number of its last event>-0`;  R calls  hash: `<call hash>` → step that completed it,
 *                       `failed:<call hash>` → step and error, `wrote` → when something was last changed, or may have been
 *   R written     set   writes of the phase that is held, by their numbers
 *   P inboxes:<queue>  zset  inboxes of idle workers that serve the queue → until when they are open;  P inbox:<id>  list  jobs in one
 *   P <queue>:…   BullMQ
 */

export interface Keys {
  partitionOf(runId: RunId): number;
  /** `py:{p0}:` */
  prefix(partition: number): string;
  /** `prefix` option of BullMQ: without the last colon. */
  queuePrefix(partition: number): string;
  pointer(runId: RunId): string;
  meta(run: RunRef): string;
  ids(run: RunRef): string;
  /** What the keys of a run's steps begin with. */
  steps(run: RunRef): string;
  step(run: RunRef, step: StepId): string;
  events(run: RunRef): string;
  calls(run: RunRef): string;
  cancelledChannel(partition: number): string;
  inboxes(partition: number, queue: QueueName): string;
  inbox(partition: number, id: string): string;
  /** Outside every partition: tools and catalogs are read by all runs. */
  tools(): string;
  toolManifests(version: string): string;
  catalogs(tenant: string): string;
  sources(): string;
  sourceTables(version: string): string;
  sourceWishes(): string;
  /** Who reads a source. */
  sourceReader(source: string): string;
}

export function createKeys({
  namespace,
  partitions,
}: Pick<EngineSettings, 'namespace' | 'partitions'>): Keys {
  const partitionOf = (runId: RunId) => Number.parseInt(runId.slice(-8), 16) % partitions;
  const prefix = (partition: number) => `${namespace}:{p${partition}}:`;
  const base = (run: RunRef) => `${prefix(partitionOf(run.run_id))}r:${refOf(run)}:`;
  return {
    partitionOf,
    prefix,
    queuePrefix: (partition) => prefix(partition).slice(0, -1),
    pointer: (runId) => `${prefix(partitionOf(runId))}run:${runId}`,
    meta: (run) => `${base(run)}meta`,
    ids: (run) => `${base(run)}ids`,
    steps: (run) => `${base(run)}s:`,
    step: (run, step) => `${base(run)}s:${step}`,
    events: (run) => `${base(run)}events`,
    calls: (run) => `${base(run)}calls`,
    inboxes: (partition, queue) => `${prefix(partition)}inboxes:${queue}`,
    inbox: (partition, id) => `${prefix(partition)}inbox:${id}`,
    cancelledChannel: (partition) => `${prefix(partition)}cancelled`,
    tools: () => `${namespace}:tools`,
    toolManifests: (version) => `${namespace}:tools:${version}`,
    catalogs: (tenant) => `${namespace}:catalogs:${tenant}`,
    sources: () => `${namespace}:sources`,
    sourceTables: (version) => `${namespace}:sources:tables:${version}`,
    sourceWishes: () => `${namespace}:sources:wishes`,
    sourceReader: (source) => `${namespace}:sources:reader:${source}`,
  };
}

export function refOf(run: RunRef): string {
  return `${run.run_id}:${run.incarnation}`;
}

export function parseRef(ref: string): RunRef {
  const colon = ref.lastIndexOf(':');
  return { run_id: ref.slice(0, colon), incarnation: Number(ref.slice(colon + 1)) };
}

/** A job's id says which release of which step or phase it is, so that enqueuing twice is enqueuing once. BullMQ allows no colons. */
export function jobId(run: RunRef, what: string, delivery: number): string {
  return `${run.run_id}.${run.incarnation}.${what}.${delivery}`;
}

export const PHASE_JOBS = { '@plan': 'plan-run', '@join': 'join-run', '@persist': 'persist-run' } as const;
export type PhaseName = 'plan' | 'join' | 'persist';
export const PHASE_QUEUES: Record<PhaseName, QueueName> = { plan: 'plan', join: 'plan', persist: 'result' };
