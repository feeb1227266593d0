import { randomUUID } from 'node:crypto';
import {
  type AgentStrategy,
  type ContextPlan,
  type EventData,
  type EventType,
  LIMITS,
  type PlanInfo,
  type RunOutcome,
  type ToolName,
} from '@planyard/contracts';
import { type EngineContext, stale, transition } from '../context.ts';
import type { PhaseName } from '../keys.ts';
import type { RunRef } from '../run-state.ts';

/** What the holder of a phase passes with each write; a stale epoch is refused with `stale`. */
export interface HeldPhase extends RunRef {
  phase: PhaseName;
  epoch: number;
  /** Of what was written so far. */
  writes: number;
}

/** The number of a write that must not be done twice when its reply is lost. */
export function nextWrite(held: HeldPhase): number {
  held.writes += 1;
  return held.writes;
}

/** Takes the lease of a phase; null when the job is of an older release or another process holds it. */
export async function beginPhase(
  context: EngineContext,
  run: RunRef,
  phase: PhaseName,
  delivery: number,
): Promise<{ epoch: number; reason: 'first' | 'replan' | 'restart' } | null> {
  const reply = await transition(context, context.workerRedis, 'begin-phase', run, [
    phase,
    delivery,
    randomUUID(),
    LIMITS.attempts,
  ]);
  if (reply.status !== 'begun') return null;
  const [epoch, reason] = reply.extra as [string, 'first' | 'replan' | 'restart'];
  return { epoch: Number(epoch), reason };
}

/** Appends an event of a phase; `fields` of the run change with it. */
export async function appendEvent<T extends EventType>(
  context: EngineContext,
  held: HeldPhase,
  type: T,
  data: EventData<T>,
  change: { cost_usd?: number; tokens?: number; fields?: Record<string, string> } = {},
): Promise<void> {
  const fields = Object.entries(change.fields ?? {}).flat();
  await write(context, held, 'append-event', [
    nextWrite(held),
    held.phase,
    type,
    JSON.stringify(data),
    change.cost_usd ?? 0,
    change.tokens ?? 0,
    ...fields,
  ]);
}

/** No more steps in this attempt: the run joins when the last one settles. `strategy`, `found` and `context_plan` are those of the attempts to come; `info` is kept of the first plan. */
export async function sealPlan(
  context: EngineContext,
  held: HeldPhase,
  plan: EventData<'plan.sealed'>,
  more: Omit<Sealing, 'plan'> = {},
) {
  await write(context, held, 'seal-plan', sealArgs({ plan, ...more }));
}

export interface Sealing {
  plan: EventData<'plan.sealed'>;
  strategy?: AgentStrategy | undefined;
  info?: PlanInfo | undefined;
  found?: ToolName[] | undefined;
  context_plan?: ContextPlan | null | undefined;
}

/** What `seal_plan` in prelude/phases.lua takes. */
export function sealArgs({ plan, strategy, info, found, context_plan }: Sealing): string[] {
  return [
    plan.intent,
    JSON.stringify(plan),
    plan.refused ? JSON.stringify(plan.refused) : '',
    strategy ?? '',
    info ? JSON.stringify(info) : '',
    found ? JSON.stringify(found) : '',
    context_plan ? JSON.stringify(context_plan) : '',
  ];
}

/** The joiner wants another attempt; `note` says why. */
export async function requestReplan(context: EngineContext, held: HeldPhase, note: string): Promise<void> {
  await write(context, held, 'request-replan', [note]);
}

/** Decides the run's end; it is announced when the archive holds the run. */
export async function finishRun(context: EngineContext, held: HeldPhase, outcome: RunOutcome): Promise<void> {
  await write(context, held, 'finish-run', [held.phase, JSON.stringify(outcome)]);
}

/** The archive holds the run: its end becomes known, its keys get their time to live. */
export async function announceRun(
  context: EngineContext,
  held: HeldPhase,
  outcome: RunOutcome,
): Promise<void> {
  const data = { status: outcome.status, error: outcome.error };
  await write(context, held, 'announce-run', [
    outcome.status,
    JSON.stringify(data),
    context.settings.ended_ttl_ms,
    held.run_id,
  ]);
}

/** A phase whose handler threw is tried again later; a planner that keeps failing ends the run with `outcome`. `maxTries` 0 hands it back uncounted. */
export async function failPhase(
  context: EngineContext,
  held: HeldPhase,
  retry: { delayMs: number; maxTries: number; outcome: RunOutcome },
): Promise<void> {
  await write(context, held, 'fail-phase', [
    held.phase,
    retry.delayMs,
    retry.maxTries,
    JSON.stringify(retry.outcome),
  ]);
}

async function write(
  context: EngineContext,
  held: HeldPhase,
  script: 'append-event' | 'seal-plan' | 'request-replan' | 'finish-run' | 'announce-run' | 'fail-phase',
  args: (string | number)[],
): Promise<void> {
  const reply = await transition(context, context.workerRedis, script, held, [held.epoch, ...args]);
  if (reply.status === 'stale') throw stale();
}
