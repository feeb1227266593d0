// The process that runs one step alone: what kills it kills nothing else. It reaches Postgres through its parent.
import { PlanyardError, toPlanyardError } from '@planyard/contracts';
import { createEngine, type StepContext } from '@planyard/engine';
import { connectRedis, createLogger } from '@planyard/runtime';
import { runStep } from '../execute/run-step.ts';
import { loadTools } from '../registry/load-tools.ts';
import { type RemoteRows, remoteDatabase } from './remote-database.ts';
import type { FromSolo, ToSolo } from './solo-messages.ts';

const waiting = new Map<number, PromiseWithResolvers<RemoteRows>>();
let queries = 0;
const covered = Promise.withResolvers<void>();
const admitted = Promise.withResolvers<void>();
// Of the two that a refusal ends, one may be awaited by nobody.
for (const { promise } of [covered, admitted]) promise.catch(() => {});

const db = remoteDatabase((query) => {
  const id = queries++;
  const rows = Promise.withResolvers<RemoteRows>();
  waiting.set(id, rows);
  tell({ kind: 'query', id, query });
  return rows.promise;
});

process.on('message', (message: ToSolo) => {
  switch (message.kind) {
    case 'run':
      return void run(message);
    case 'call_covered':
      return covered.resolve();
    case 'call_admitted':
      return admitted.resolve();
    case 'call_refused': {
      const refused = new PlanyardError(message.error.code, message.error.message, message.error);
      covered.reject(refused);
      return admitted.reject(refused);
    }
    case 'rows':
      waiting.get(message.id)?.resolve(message.rows);
      return waiting.delete(message.id);
    case 'refused':
      waiting.get(message.id)?.reject(Object.assign(new Error(message.message), { code: message.code }));
      return waiting.delete(message.id);
  }
});
process.on('disconnect', () => process.exit(1));

async function run(message: ToSolo & { kind: 'run' }): Promise<void> {
  const { step, redisUrl, engine: settings, logLevel, approvalMs, toolsDirectory } = message;
  const log = createLogger({ service: 'tool-worker', level: logLevel });
  const redis = connectRedis({ url: redisUrl, role: 'producer', name: 'tool-worker-solo', log });
  const engine = createEngine({ redis, log, settings });
  const timeout = new AbortController();
  setTimeout(() => {
    timeout.abort(new PlanyardError('timeout', `${step.tool} took more than ${step.timeout_ms} ms`));
  }, step.timeout_ms);
  const context: StepContext = {
    // For every other reason the parent kills this process.
    signal: timeout.signal,
    bound: (call) => tell({ kind: 'bound', call }),
    async makeCall(cost_usd, call, before) {
      tell({ kind: 'may_call', cost_usd });
      await covered.promise;
      await before?.();
      tell({ kind: 'call_prepared' });
      await admitted.promise;
      return call();
    },
    spent: (spending) => tell({ kind: 'spent', spending }),
    progress: (text, percent) => tell({ kind: 'progress', message: text, percent }),
  };
  const deps = {
    tools: await loadTools(toolsDirectory === undefined ? undefined : new URL(toolsDirectory)),
    db,
    engine,
    cache: null,
    keepResults: false,
    log,
    now: () => new Date(),
    approvalMs,
    // A process with one step measures nothing.
    guard: <T>(_tool: string, _signal: AbortSignal, call: () => Promise<T>) => call(),
    observe: { cache: () => {} },
  };
  try {
    tell({ kind: 'outcome', outcome: await runStep(deps, step, context) });
  } catch (thrown) {
    tell({ kind: 'thrown', error: toPlanyardError(thrown).toBody() });
  }
}

function tell(message: FromSolo): void {
  process.send?.(message);
}
