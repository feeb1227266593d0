import { readFileSync } from 'node:fs';
import { type Connection, type LuaScript, luaScript } from './lua-script.ts';

const NAMES = [
  'submit-run',
  'begin-phase',
  'start-attempt',
  'add-steps',
  'copy-steps',
  'seal-plan',
  'open-inbox',
  'begin-step',
  'reserve-cost',
  'settle-step',
  'decide-step',
  'append-event',
  'report-progress',
  'request-replan',
  'finish-run',
  'fail-phase',
  'announce-run',
  'cancel-run',
  'renew-leases',
  'list-overdue',
  'recover-leases',
  'recover-due',
  'expire-deadline',
  'expire-approvals',
  'sweep-run',
  'end-life',
] as const;
export type ScriptName = (typeof NAMES)[number];

/** What every script begins with: each file builds on those before it. */
const PRELUDE = ['frame', 'jobs', 'slots', 'steps', 'closing', 'phases', 'recovery', 'reply'];

/** What every script answers: a status, what to enqueue, more, and the steps it has begun for the caller. */
export interface ScriptReply {
  status: string;
  jobs: ReleasedJob[];
  extra: string[];
  /** See `begin` in prelude/steps.lua. */
  begun: string[][];
}

/** Steps or a phase that a transition released; the due records are written already. */
export interface ReleasedJob {
  ref: string;
  /** Step ids, or one of `@plan`, `@join`, `@persist`, each with its delivery. */
  items: { what: string; delivery: number }[];
  queue: string;
  delay: number;
  priority: number;
  request_id: string;
}

export type RunScript = (
  redis: Connection,
  name: ScriptName,
  prefix: string,
  args: (string | number)[],
) => Promise<ScriptReply>;

/** Loads the Lua halves of the transitions. */
export function loadScripts(settings: { lease_ms: number; due_grace_ms: number }): RunScript {
  const read = (name: string) => readFileSync(new URL(`./transitions/${name}.lua`, import.meta.url), 'utf8');
  const prelude = PRELUDE.map((part) => read(`prelude/${part}`)).join('\n');
  const scripts = new Map(NAMES.map((name) => [name, luaScript(`${prelude}\n${read(name)}`)]));

  return async (redis, name, prefix, args) => {
    const script = scripts.get(name) as LuaScript;
    const reply = await script(redis, [prefix], [settings.lease_ms, settings.due_grace_ms, ...args]);
    const [status, jobs, extra, begun] = reply as [string, string[][], string[], string[][]];
    return { status, jobs: jobs.map(releasedJob), extra, begun };
  };
}

/** A job as `pack_jobs` in prelude/jobs.lua tells it. */
export function releasedJob(fields: string[]): ReleasedJob {
  const [ref, items, queue, delay, priority, request_id] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    ref,
    items: items.split(' ').map(toItem),
    queue,
    delay: Number(delay),
    priority: Number(priority),
    request_id,
  };
}

function toItem(text: string): { what: string; delivery: number } {
  const colon = text.lastIndexOf(':');
  return { what: text.slice(0, colon), delivery: Number(text.slice(colon + 1)) };
}
