import type { RunAccepted, RunRecord } from '@planyard/contracts';
import type { Request, Response } from 'express';
import type { GatewayDeps } from '../deps.ts';
import type { Reply } from '../http/reply.ts';
import { sendSse } from '../http/sse.ts';
import type { AcceptedRun } from './commit-run.ts';
import { toSse } from './event-stream.ts';
import { readRunResponse } from './find-run.ts';
import { runEvents } from './run-events.ts';
import { waitForEnd, waitOf } from './wait-for-end.ts';

/** What those get who do not say what they want. */
interface Preferences {
  type: 'application/json' | 'text/event-stream';
  /** Seconds; null: they do not wait. */
  wait: number | null;
  /** What the ended run is told as, in place of the run itself. */
  read?: () => Promise<unknown>;
}

type Asked = { req: Request; res: Response; signal: AbortSignal };

/**
 * Answers who started a run as they asked for it: by its events where they accept server-sent events, by the ended run
 * where `Prefer: wait` gives it time, else by 202. `prefers` is for those who say neither.
 */
export async function replyWithRun(
  deps: GatewayDeps,
  { run, replayed }: AcceptedRun,
  { req, res, signal }: Asked,
  prefers: Preferences = { type: 'application/json', wait: null },
): Promise<Reply | null> {
  res.locals.runId = run.id;
  res.set('Location', `/v1/runs/${run.id}`);
  if (replayed) res.set('Idempotency-Replayed', 'true');
  const { conversation_id } = run.request;
  if (conversation_id) res.set('X-Planyard-Conversation-Id', conversation_id);
  const address = { tenant: run.caller.tenant, id: run.id };
  const types = ['application/json', 'text/event-stream'].sort((a) => (a === prefers.type ? -1 : 1));
  if (req.accepts(types) === 'text/event-stream') {
    await sendSse(res, toSse(runEvents(deps, address, 0, signal)), signal);
    return null;
  }
  const asked = waitOf(req.get('prefer'));
  const seconds = asked ?? prefers.wait;
  if (seconds === null) return accepted(run);
  if (asked !== null) res.set('Preference-Applied', `wait=${seconds}`);
  if (!(await waitForEnd(deps, address, seconds, signal))) return accepted(run);
  return { body: await (prefers.read?.() ?? readRunResponse(deps, address.tenant, run.id)) };
}

/** 202: it will end, whatever crashes. */
export function accepted(run: RunRecord): Reply {
  const url = `/v1/runs/${run.id}`;
  const { conversation_id, rerun } = run.request;
  const body: RunAccepted = {
    id: run.id,
    status: run.status,
    url,
    events_url: `${url}/events`,
    conversation_id,
    parent_run_id: rerun?.run_id ?? null,
  };
  return { status: 202, body };
}
