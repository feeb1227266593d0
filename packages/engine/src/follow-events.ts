import { setTimeout as wait } from 'node:timers/promises';
import { isRunEnd, type RunEvent, type RunId } from '@planyard/contracts';
import type { EngineContext } from './context.ts';
import type { Connection } from './lua-script.ts';
import { findRun, readEvents } from './read-run.ts';
import type { RunRef } from './run-state.ts';
import { createSubscriber } from './subscriber.ts';

const PAGE = 500;
/** How late an event may be when the message about it is lost. */
const POLL_MS = 1_000;
/** A run in full swing rings often: what comes within so many milliseconds is read at once. */
const GATHER_MS = 10;

export interface EventFollower {
  follow(runId: RunId, after: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  close(): void;
}

/** Follows the event streams of runs over one shared subscription. A message only wakes the reader: the stream is what is read. */
export function createEventFollower(context: EngineContext): EventFollower {
  const waiting = new Map<string, Set<() => void>>();
  let subscriber: Connection | undefined;

  function connection(): Connection {
    if (!subscriber) {
      subscriber = createSubscriber(context.redis, (error) =>
        context.log.warn({ err: error }, 'no word of new events; polling'),
      );
      subscriber.on('message', (channel: string) => {
        for (const wake of waiting.get(channel) ?? []) wake();
      });
    }
    return subscriber;
  }

  async function* follow(runId: RunId, after: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const run = await findRun(context, runId);
    if (!run) return;
    const channel = context.keys.events(run);
    const bell = createBell();
    listen(channel, bell.ring);
    signal.addEventListener('abort', bell.ring, { once: true });
    try {
      let last = after;
      while (!signal.aborted) {
        const heard = bell.heard();
        const readAt = performance.now();
        const events = await readEvents(context, run, last, PAGE);
        for (const event of events) {
          yield event;
          last = event.number;
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
