import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster, Redis } from 'ioredis';

export type Connection = Redis | Cluster;

const NAMES = [
  'submit-run',
  'begin-phase',
  'add-steps',
  'seal-plan',
  'begin-step',
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
  'recover-leases',
  'recover-due',
  'expire-deadlines',
  'sweep-run',
] as const;
export type ScriptName = (typeof NAMES)[number];

/** What every script answers: a status, what to enqueue, more, and the steps it has begun for the caller. */
export interface ScriptReply {
  status: string;
  jobs: ReleasedJob[];
  extra: string[];
  /** See `begin` in prelude.lua. */
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

/** Loads the Lua halves of the transitions; each is sent once and then called by its SHA-1. */
export function loadScripts(settings: { lease_ms: number; due_grace_ms: number }): RunScript {
  const read = (name: string) => readFileSync(new URL(`./transitions/${name}.lua`, import.meta.url), 'utf8');
  const prelude = read('prelude');
  const scripts = new Map(
    NAMES.map((name) => {
      const body = `${prelude}\n${read(name)}`;
      return [name, { body, sha: createHash('sha1').update(body).digest('hex') }];
    }),
  );

  return async (redis, name, prefix, args) => {
    const { body, sha } = scripts.get(name) as { body: string; sha: string };
    const all = [prefix, settings.lease_ms, settings.due_grace_ms, ...args] as const;
    const reply = await redis.evalsha(sha, 1, ...all).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(body, 1, ...all);
    });
    const [status, jobs, extra, begun] = reply as [string, string[][], string[], string[][]];
    return { status, jobs: jobs.map(toJob), extra, begun };
  };
}

function toJob(fields: string[]): ReleasedJob {
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
