import { setTimeout as wait } from 'node:timers/promises';
import { isRunEnd, type RunEvent, type RunId } from '@planyard/contracts';
import type { EngineContext } from './context.ts';
import type { Connection } from './lua-script.ts';
import { createOwnConnection } from './own-connection.ts';
import { findRun, readEvents } from './read-run.ts';
import type { RunRef } from './run-state.ts';

const PAGE = 500;
/** How late an event may be when the message about it is lost. */
const POLL_MS = 1_000;
/** A run in full swing rings often: what comes within so many milliseconds is read at once. */
const GATHER_MS = 10;

/** The event that a follower has seen last: it, or its number where no more is known; 0 for none. */
export type SeenEvent = Pick<RunEvent, 'number' | 'at'> | number;

export interface EventFollower {
  follow(runId: RunId, after: SeenEvent, signal: AbortSignal): AsyncIterable<RunEvent>;
  close(): void;
}

/** Follows the event streams of runs over one shared subscription. A message only wakes the reader: the stream is what is read. */
export function createEventFollower(context: EngineContext): EventFollower {
  const waiting = new Map<string, Set<() => void>>();
  let subscriber: Connection | undefined;

  function connection(): Connection {
    if (!subscriber) {
      subscriber = createOwnConnection(context.redis, (error) =>
        context.log.warn({ err: error }, 'no word of new events; polling'),
      );
      subscriber.on('message', (channel: string) => {
        for (const wake of waiting.get(channel) ?? []) wake();
      });
    }
    return subscriber;
  }

  async function* follow(runId: RunId, after: SeenEvent, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const run = await findRun(context, runId);
    if (!run) return;
    const channel = context.keys.events(run);
    const bell = createBell();
    listen(channel, bell.ring);
    signal.addEventListener('abort', bell.ring, { once: true });
    try {
      let seen = after;
      while (!signal.aborted) {
        const heard = bell.heard();
        const readAt = performance.now();
        const events = await readEvents(context, run, Math.max(0, numberOf(seen) - 1), PAGE + 1);
        // A Redis that crashed may have taken back what was seen: its number is another event's now, or nobody's yet.
        if (seen !== 0) {
          const there = events.shift();
          if (!there || !isSame(seen, there)) {
            seen = 0;
            continue;
          }
          if (isRunEnd(there.type)) return;
        }
        for (const event of events) {
          yield event;
          seen = event;
          if (isRunEnd(event.type)) return;
        }
        if (events.length < PAGE) {
          const rung = await heard(POLL_MS);
          if (!rung && events.length === 0 && !(await isCurrent(run))) return;
          const early = GATHER_MS - (performance.now() - readAt);
          if (early > 0) await wait(early);
        }
      }
    } finally {
      signal.removeEventListener('abort', bell.ring);
      unlisten(channel, bell.ring);
    }
  }

  /** A run that was lost and rebuilt has another life, with a stream of its own. */
  async function isCurrent({ run_id, incarnation }: RunRef): Promise<boolean> {
    return (await findRun(context, run_id))?.incarnation === incarnation;
  }

  function listen(channel: string, ring: () => void): void {
    const here = waiting.get(channel);
    if (here) {
      here.add(ring);
      return;
    }
    waiting.set(channel, new Set([ring]));
    connection()
      .subscribe(channel)
      .catch((error) => context.log.warn({ err: error }, 'not subscribed to events; polling'));
  }

  function unlisten(channel: string, ring: () => void): void {
    const here = waiting.get(channel);
    here?.delete(ring);
    if (here?.size !== 0) return;
    waiting.delete(channel);
    subscriber?.unsubscribe(channel).catch((error) => context.log.warn({ err: error }, 'not unsubscribed'));
  }

  return { follow, close: () => subscriber?.disconnect() };
}

export function numberOf(seen: SeenEvent): number {
  return typeof seen === 'number' ? seen : seen.number;
}

/** Whether the event of that number is the one that was seen, as far as is known. */
export function isSame(seen: SeenEvent, event: RunEvent | undefined): boolean {
  if (event?.number !== numberOf(seen)) return false;
  return typeof seen === 'number' || event.at === seen.at;
}

/** Remembers a ring that came between looking and waiting. */
function createBell() {
  let rings = 0;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rings += 1;
      wake?.();
    },
    /** Takes note of the rings so far; the returned function waits for a later one, at most `ms`, and tells whether it came. */
    heard() {
      const before = rings;
      return (ms: number) =>
        new Promise<boolean>((resolve) => {
          if (rings > before) return resolve(true);
          const timer = setTimeout(() => resolve(false), ms);
          wake = () => {
            clearTimeout(timer);
            resolve(true);
          };
        });
    },
  };
}
