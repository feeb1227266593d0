import { setTimeout as wait } from 'node:timers/promises';
import { isRunEnd } from '@planyard/contracts';
import { type Client, createClient, PlanyardError } from '@planyard/sdk';
import { appendLine } from './journal.ts';
import { questionOf } from './model.ts';

export interface ClientOptions {
  gatewayUrls: string[];
  apiKey: string;
  journal: string;
  /** Milliseconds from acknowledgement within which a run must end. */
  patienceMs: number;
}

/** Asks one question as a stubborn client would: posts until acknowledged, follows to the end over whatever breaks, and reads the result. */
export async function driveRun(options: ClientOptions, run: number): Promise<void> {
  const clients = options.gatewayUrls.map((baseUrl) => createClient({ baseUrl, apiKey: options.apiKey }));
  const idempotencyKey = `chaos-${run}-${process.pid}`;
  const { id } = await persist(clients, run, (client) =>
    client.runs.create({ question: questionOf(run) }, { idempotencyKey }),
  );
  appendLine(options.journal, { kind: 'acknowledged', run: id });
  const giveUp = AbortSignal.timeout(options.patienceMs);
  try {
    await follow(clients, run, id, options.journal, giveUp);
    const { status } = await persist(clients, run, (client) => client.runs.get(id));
    appendLine(options.journal, { kind: 'read', run: id, status });
  } catch (error) {
    appendLine(options.journal, { kind: 'gave_up', run: id, why: String(error) });
  }
}

async function follow(
  clients: Client[],
  run: number,
  id: string,
  journal: string,
  signal: AbortSignal,
): Promise<void> {
  let last = 0;
  for (let turn = run; ; turn += 1) {
    try {
      for await (const event of clientOf(clients, turn).runs.events(id, { after: last, signal })) {
        last = event.number;
        if (event.type === 'step.completed')
          appendLine(journal, {
            kind: 'settled',
            run: id,
            key: `${id}/${event.data.step.replace('.', '/')}`,
          });
        if (!isRunEnd(event.type)) continue;
        appendLine(journal, { kind: 'ended', run: id, status: event.type.slice('run.'.length) });
        return;
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof PlanyardError) || !error.retryable) throw error;
    }
    await wait(100, undefined, { signal });
  }
}

/** Tries each gateway in turn until one answers; gives up after a minute and on errors that no retry can help. */
async function persist<T>(clients: Client[], run: number, call: (client: Client) => Promise<T>): Promise<T> {
  const until = Date.now() + 60_000;
  for (let turn = run; ; turn += 1) {
    try {
      return await call(clientOf(clients, turn));
    } catch (error) {
      if (!(error instanceof PlanyardError) || !error.retryable || Date.now() > until) throw error;
      await wait(200);
    }
  }
}

function clientOf(clients: Client[], turn: number): Client {
  return clients[turn % clients.length] as Client;
}
