import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BegunStep } from '@planyard/engine';
import type { Joined, SharedCache } from '@planyard/runtime';
import type { Call } from './check-input.ts';
import type { RunStepDeps } from './deps.ts';
import type { PreparedResult } from './prepare-result.ts';
import { storeOf } from './store-of.ts';

const POLL_MS = 15;
const POLL_AT_MOST_MS = 250;

export interface SharedResult {
  result: PreparedResult;
  /** Made by another call. */
  cached: boolean;
}

/**
 * A read-only call: served from the cache; where the same call is in flight in any process, waits for its result; else
 * makes it, for the others too. What is not to be cached is shared with those who waited and nobody else. When the one
 * who makes it dies or fails, the next in line makes it. Never waits past `signal`. Without Redis the call is made: the
 * cache is no condition of an answer. What is to be read anew joins no call that began before it was asked for.
 */
export async function shareCall(
  deps: Pick<RunStepDeps, 'cache' | 'keepResults' | 'db' | 'engine' | 'log' | 'now' | 'observe'>,
  step: BegunStep,
  call: Call,
  signal: AbortSignal,
  make: () => Promise<PreparedResult>,
): Promise<SharedResult> {
  const { cache, log, observe } = deps;
  if (cache === null) return { result: await make(), cached: false };

  const caching = deps.keepResults && step.use_cache && call.tool.definition.cache;
  const version =
    call.tool.definition.cache && (await call.tool.definition.cache.version?.(storeOf(deps, step)));
  const key = keyOf(step, call, version || '', caching ? null : freshOf(step));
  const owner = randomUUID();
  const count = (outcome: 'hit' | 'miss' | 'joined') => {
    if (caching || outcome === 'joined') observe.cache(step.tool, outcome);
  };
  let awaited: string | null = null;
  for (let waits = 0; ; waits += 1) {
    const found: Joined = await cache
      .join(key, owner, { kept: caching !== false, awaited })
      .catch((error) => {
        log.warn({ err: error }, 'the result cache does not answer');
        return { kind: 'alone' };
      });
    switch (found.kind) {
      case 'hit':
        count(waits === 0 ? 'hit' : 'joined');
        return { result: JSON.parse(found.value) as PreparedResult, cached: true };
      case 'mine': {
        count('miss');
        const ttlMs = caching ? caching.ttl_s * 1000 : 0;
        return { result: await makeForAll(cache, key, owner, ttlMs, log, make), cached: false };
      }
      case 'alone':
        count('miss');
        return { result: await make(), cached: false };
      case 'busy':
        awaited = found.maker;
        await sleep(Math.min(POLL_MS * 1.5 ** waits, POLL_AT_MOST_MS), undefined, { signal });
    }
  }
}

async function makeForAll(
  cache: SharedCache,
  key: string,
  owner: string,
  ttlMs: number,
  log: RunStepDeps['log'],
  make: () => Promise<PreparedResult>,
): Promise<PreparedResult> {
  const release = cache.hold(key, owner);
  const notKept = (error: unknown) => log.warn({ err: error }, 'a result was not cached');
  try {
    const result = await make();
    await cache.keep(key, owner, JSON.stringify(result), ttlMs).catch(notKept);
    return result;
  } catch (error) {
    await cache.giveUp(key, owner).catch(notKept);
    throw error;
  } finally {
    release();
  }
}

/** Tenants never share an entry, nor do two versions of a tool or of its data. */
function keyOf(
  step: BegunStep,
  { tool, hash }: Call,
  dataVersion: string,
  among: readonly string[] | null,
): string {
  const parts = JSON.stringify([step.caller.tenant, tool.version, dataVersion, hash, among]);
  return createHash('sha256').update(parts).digest('hex');
}

/**
 * Among whom a call that is not to be cached is shared; null: all. A run that takes nothing from a cache shares with itself
 * alone. A step that follows others of its run, one of which may have written what it reads, shares with those that follow
 * the same: they cannot have begun before.
 */
function freshOf(step: BegunStep): string[] | null {
  const follows = [...new Set([...Object.keys(step.deps), ...(step.spec.after ?? [])])].toSorted();
  if (step.use_cache && follows.length === 0) return null;
  return [step.run_id, ...follows];
}
