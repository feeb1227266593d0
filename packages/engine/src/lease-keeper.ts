import { PlanyardError } from '@planyard/contracts';
import { type EngineContext, runScript } from './context.ts';
import { refOf } from './keys.ts';
import type { Connection } from './lua-script.ts';
import { createOwnConnection } from './own-connection.ts';
import type { RunRef } from './run-state.ts';

/** A lease this process holds; `signal` aborts when it is lost, cancelled or given up. */
export interface HeldLease {
  signal: AbortSignal;
  /** Throws `stale` when the lease has run out, even if this process was frozen since and no timer has told yet. */
  ensureHeld(): void;
  abort(reason: PlanyardError): void;
  release(): void;
}

export interface LeaseKeeper {
  /**
   * Renews from now on, until released. `what` is a step id, or `@plan` and so on; `since`, in milliseconds since the
   * epoch, lies before the request that took the lease: its reply may have waited long for a frozen process.
   */
  hold(run: RunRef, what: string, epoch: number, since: number): HeldLease;
  close(): void;
}

interface Entry {
  run: RunRef;
  what: string;
  epoch: number;
  controller: AbortController;
  renewedAt: number;
}

/**
 * Renews all leases of this process in a partition together, about once a second. A lease that the engine has given to another, or that
 * could not be renewed for its whole length, is lost: its work is aborted here, since it may already run elsewhere.
 * A message about a cancelled run only makes the next renewal come at once.
 */
export function createLeaseKeeper(context: EngineContext): LeaseKeeper {
  const entries = new Set<Entry>();
  const { settings, keys } = context;
  const renewing = new Set<number>();
  let subscriber: Connection | undefined;

  async function renew(partition: number, here: Entry[]): Promise<void> {
    const asked = Date.now();
    const args = here.flatMap((entry) => [refOf(entry.run), entry.what, entry.epoch]);
    const reply = await runScript(context, context.redis, 'renew-leases', keys.prefix(partition), args);
    const lost = new Set(reply.extra.map(Number));
    here.forEach((entry, index) => {
      if (lost.has(index)) lose(entry, new PlanyardError('stale'));
      else entry.renewedAt = asked;
    });
  }

  function lose(entry: Entry, reason: PlanyardError): void {
    entries.delete(entry);
    entry.controller.abort(reason);
  }

  async function tick(partition: number, here: Entry[]): Promise<void> {
    if (!renewing.has(partition)) {
      renewing.add(partition);
      await renew(partition, here)
        .catch((error) => context.log.warn({ err: error, leases: here.length }, 'leases not renewed'))
        .finally(() => renewing.delete(partition));
    }
    for (const entry of here) if (entries.has(entry)) loseExpired(entry);
  }

  function loseExpired(entry: Entry): void {
    if (Date.now() - entry.renewedAt > settings.lease_ms)
      lose(entry, new PlanyardError('stale', 'The lease could not be renewed'));
  }

  // Each partition by itself: one whose node is away must not cost the leases of the others.
  const timer = setInterval(() => {
    for (const [partition, here] of Map.groupBy(entries, ({ run }) => keys.partitionOf(run.run_id)))
      void tick(partition, here);
  }, settings.renew_ms);

  function listen(): void {
    if (subscriber) return;
    subscriber = createOwnConnection(context.redis, (error) =>
      context.log.warn({ err: error }, 'no word of cancelled runs; renewals will tell'),
    );
    const channels = Array.from({ length: settings.partitions }, (_, partition) =>
      keys.cancelledChannel(partition),
    );
    subscriber.on('message', (_channel: string, ref: string) => {
      for (const entry of entries)
        if (refOf(entry.run) === ref && entry.what !== '@persist')
          lose(entry, new PlanyardError('aborted', 'The run was stopped'));
    });
    subscriber
      .subscribe(...channels)
      .catch((error) => context.log.warn({ err: error }, 'not subscribed to cancelled runs'));
  }

  return {
    hold(run, what, epoch, since) {
      listen();
      const entry: Entry = {
        run: { run_id: run.run_id, incarnation: run.incarnation },
        what,
        epoch,
        controller: new AbortController(),
        renewedAt: since,
      };
      entries.add(entry);
      return {
        signal: entry.controller.signal,
        ensureHeld() {
          loseExpired(entry);
          entry.controller.signal.throwIfAborted();
        },
        abort: (reason) => entry.controller.abort(reason),
        release: () => void entries.delete(entry),
      };
    },
    close() {
      clearInterval(timer);
      subscriber?.disconnect();
    },
  };
}
