import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PlanyardError, toPlanyardError } from '@planyard/contracts';
import type { BegunStep, EngineSettings, StepContext, StepOutcome } from '@planyard/engine';
import type { Logger, LogLevel } from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import { stepLog } from '../execute/step-log.ts';
import { answerQuery } from './remote-database.ts';
import type { FromSolo, ToSolo } from './solo-messages.ts';

export interface RunSoloDeps {
  db: Executor;
  log: Logger;
  redisUrl: string;
  engine: Partial<EngineSettings>;
  logLevel: LogLevel;
  approvalMs: number;
  toolsDirectory: URL | undefined;
}

const SOLO_MAIN = fileURLToPath(new URL('./solo-main.ts', import.meta.url));

/**
 * Runs a step alone in a process of its own, because its workers died before. This process keeps the lease, answers the
 * other one's queries and settles. A process that dies without an outcome condemns the step: `step_poisoned`.
 */
export async function runSolo(
  deps: RunSoloDeps,
  step: BegunStep,
  context: StepContext,
): Promise<StepOutcome> {
  const { redisUrl, engine, logLevel, approvalMs, log } = deps;
  const toolsDirectory = deps.toolsDirectory?.href;
  const child = fork(SOLO_MAIN, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  context.signal.addEventListener('abort', kill, { once: true });
  try {
    const outcome = outcomeOf(deps, child, context);
    tell(child, { kind: 'run', step, redisUrl, engine, logLevel, approvalMs, toolsDirectory });
    const settled = await outcome;
    if (settled) return settled;
    if (context.signal.aborted) throw context.signal.reason;
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    stepLog(log, step).error({ how }, 'a step killed its process');
    const error = new PlanyardError(
      'step_poisoned',
      `${step.tool} was running in two crashes, then alone in a process, and that crashed too (${how})`,
    );
    return { kind: 'failed', error: error.toBody() };
  } finally {
    context.signal.removeEventListener('abort', kill);
    kill();
  }
}

/** null when the process ends without one. */
async function outcomeOf(
  { db }: RunSoloDeps,
  child: ChildProcess,
  context: StepContext,
): Promise<StepOutcome | null> {
  const prepared = Promise.withResolvers<void>();
  const told = new Promise<StepOutcome>((resolve, reject) => {
    child.on('message', (message: FromSolo) => {
      switch (message.kind) {
        case 'query':
          return void answer(db, child, message);
        case 'may_call':
          return void context
            .makeCall(
              message.cost_usd,
              () => tell(child, { kind: 'call_admitted' }),
              async () => {
                tell(child, { kind: 'call_covered' });
                await prepared.promise;
              },
            )
            .catch((error) => tell(child, { kind: 'call_refused', error: toPlanyardError(error).toBody() }));
        case 'call_prepared':
          return prepared.resolve();
        case 'spent':
          return context.spent(message.spending);
        case 'bound':
          return context.bound(message.call);
        case 'progress':
          return context.progress(message.message, message.percent);
        case 'outcome':
          return resolve(message.outcome);
        case 'thrown':
          return reject(new PlanyardError(message.error.code, message.error.message, message.error));
      }
    });
    child.once('error', reject);
  });
  return Promise.race([told, once(child, 'exit').then(() => null)]);
}

async function answer(
  db: Executor,
  child: ChildProcess,
  { id, query }: FromSolo & { kind: 'query' },
): Promise<void> {
  try {
    tell(child, { kind: 'rows', id, rows: await answerQuery(db, query) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    tell(child, {
      kind: 'refused',
      id,
      message: error instanceof Error ? error.message : String(error),
      code,
    });
  }
}

function tell(child: ChildProcess, message: ToSolo): void {
  // The process may be gone already; its end tells.
  if (child.connected) child.send(message, () => {});
}
