import { createHash } from 'node:crypto';
import {
  type Caller,
  canonicalJson,
  newRunId,
  PlanyardError,
  type RunRecord,
  type RunRequest,
} from '@planyard/contracts';
import { createKeys, type Engine } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';
import { type Accepted, type Executor, findAccepted, insertAccepted } from '@planyard/store';
import { within } from '../http/within.ts';

export interface CommitRunDeps {
  db: Executor;
  engine: Pick<Engine, 'openRuns' | 'submitRun'>;
  now: () => number;
  settings: { namespace: string; partitions: number; maxOpenRuns: number };
}

export interface AcceptedRun {
  run: RunRecord;
  /** The same idempotency key made this run before. */
  replayed: boolean;
}

/** Milliseconds for Postgres; a commit that comes later is an accepted run all the same, and an idempotency key finds it. */
const commitPatience = 10_000;

/** Milliseconds for Redis, before the commit and after it. */
const submitPatience = 3_000;

/**
 * Makes the request, refuses at the cap on open runs, writes the run to Postgres, hands it to the engine. From the commit
 * on the run is accepted whatever Redis does next: the reconciler submits what the engine did not get. A repeated
 * idempotency key comes first: what made its run may be refused by now.
 */
export async function commitRun(
  deps: CommitRunDeps,
  makeRequest: () => Promise<RunRequest>,
  asked: {
    caller: Caller;
    requestId: string;
    idempotencyKey: string | undefined;
    /** What makes two requests with one idempotency key the same. */
    sameAs: object;
    log: Logger;
  },
): Promise<AcceptedRun> {
  const { caller, requestId, idempotencyKey, sameAs, log } = asked;
  const nowMs = deps.now();
  const now = new Date(nowMs).toISOString();
  const idempotency =
    idempotencyKey === undefined ? null : { key: idempotencyKey, body_hash: hashOf(sameAs) };
  const earlier =
    idempotency &&
    (await within(commitPatience, 'Postgres', findAccepted(deps.db, caller, idempotency, now)));
  if (earlier) return replayOf(earlier);

  const request = await makeRequest();
  if ((await within(submitPatience, 'Redis', deps.engine.openRuns())) >= deps.settings.maxOpenRuns)
    throw new PlanyardError('overloaded', `${deps.settings.maxOpenRuns} runs are open`, { retryAfter: 5 });

  const id = newRunId(nowMs);
  const run: RunRecord = {
    id,
    incarnation: 1,
    partition: createKeys(deps.settings).partitionOf(id),
    caller: { tenant: caller.tenant, user: caller.user, key_id: caller.key_id },
    request_id: requestId,
    request,
    status: 'accepted',
    created_at: now,
  };
  const accepted = await within(commitPatience, 'Postgres', insertAccepted(deps.db, run, idempotency));
  if (accepted.kind !== 'inserted') return replayOf(accepted);

  try {
    await within(submitPatience, 'Redis', deps.engine.submitRun(run));
  } catch (error) {
    log.warn({ err: error, run_id: run.id }, 'the run is accepted but not submitted; the reconciler will');
  }
  return { run, replayed: false };
}

function replayOf(accepted: Exclude<Accepted, { kind: 'inserted' }>): AcceptedRun {
  if (accepted.kind === 'mismatch') throw new PlanyardError('idempotency_mismatch');
  return { run: accepted.run.record, replayed: true };
}

function hashOf(body: object): string {
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(body))))
    .digest('hex');
}
