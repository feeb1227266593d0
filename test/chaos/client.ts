import { setTimeout as wait } from 'node:timers/promises';
import { isRunEnd, type StepSummary, type StepView } from '@planyard/contracts';
import { type Client, createClient, PlanyardError } from '@planyard/sdk';
import { appendLine } from './journal.ts';
import { questionOf } from './model.ts';
import { WorkOutput } from './work.ts';

export interface ClientOptions {
  gatewayUrls: string[];
  apiKey: string;
  journal: string;
  /** Milliseconds from acknowledgement within which a run must end. */
  patienceMs: number;
  /** The whole load ends. */
  signal: AbortSignal;
}

/** Asks one question as a stubborn client would: posts until acknowledged, follows to the end over whatever breaks, and reads the result. */
export async function driveRun(options: ClientOptions, run: number): Promise<void> {
  const { journal, signal } = options;
  const clients = options.gatewayUrls.map((baseUrl) => createClient({ baseUrl, apiKey: options.apiKey }));
  const ask = <T>(call: (client: Client) => Promise<T>) => persist(clients, run, signal, call);
  const idempotencyKey = `chaos-${run}-${process.pid}`;
  const { id } = await ask((client) => client.runs.create({ question: questionOf(run) }, { idempotencyKey }));
  appendLine(journal, { kind: 'acknowledged', run: id });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(options.patienceMs)]);
  try {
    const told = await follow(clients, run, id, journal, patience, ask);
    const { status, steps } = await ask((client) => client.runs.get(id));
    appendLine(journal, { kind: 'read', run: id, status, untold: untold(steps, told) });
  } catch (error) {
    signal.throwIfAborted();
    appendLine(journal, { kind: 'gave_up', run: id, why: String(error) });
  }
}

/** Tries each gateway in turn until one answers; gives up after three minutes and on errors that no retry can help. */
async function persist<T>(
  clients: Client[],
  run: number,
  signal: AbortSignal,
  call: (client: Client) => Promise<T>,
): Promise<T> {
  const until = Date.now() + 180_000;
  for (let turn = run; ; turn += 1) {
    try {
      return await call(clientOf(clients, turn));
    } catch (error) {
      if (!(error instanceof PlanyardError) || !error.retryable || Date.now() > until) throw error;
      await wait(200, undefined, { signal });
    }
  }
}

async function follow(
  clients: Client[],
  run: number,
  id: string,
  journal: string,
  signal: AbortSignal,
  ask: <T>(call: (client: Client) => Promise<T>) => Promise<T>,
): Promise<Set<string>> {
  const told = new Set<string>();
  let last = 0;
  for (let turn = run; ; turn += 1) {
    try {
      for await (const event of clientOf(clients, turn).runs.events(id, { after: last, signal })) {
        if (event.type === 'step.completed' || (event.type === 'step.failed' && event.data.will === 'end'))
          told.add(event.data.step);
        if (event.type === 'step.failed' && event.data.error.code === 'step_poisoned')
          appendLine(journal, { kind: 'condemned', run: id, key: keyOf(id, event.data.step) });
        if (event.type === 'step.completed') {
          const { step, cached } = event.data;
          const key = keyOf(id, step);
          const made_by = cached ? makerOf(await ask((client) => client.runs.step(id, step))) : key;
          appendLine(journal, { kind: 'settled', run: id, key, made_by });
        }
        last = event.number;
        if (!isRunEnd(event.type)) continue;
        appendLine(journal, { kind: 'ended', run: id, status: event.type.slice('run.'.length) });
        return told;
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof PlanyardError) || !error.retryable) throw error;
    }
    await wait(100, undefined, { signal });
  }
}

/** Steps that read as over although no event said so. */
function untold(steps: StepSummary[], told: Set<string>): string[] {
  const over = steps.filter(({ status }) => status === 'completed' || status === 'failed');
  return over.filter(({ id }) => !told.has(id)).map(({ id, status }) => `${id} ${status}`);
}

/** The idempotency key of a step. */
function keyOf(run: string, step: string): string {
  return `${run}/${step.replace('.', '/')}`;
}

/** A result says which call made it. */
function makerOf({ id, result }: StepView): string {
  const made = WorkOutput.safeParse(result);
  return made.success ? made.data.step : `${id}: no result of a chaos tool`;
}

function clientOf(clients: Client[], turn: number): Client {
  return clients[turn % clients.length] as Client;
}
