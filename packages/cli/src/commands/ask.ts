import { CliError } from '../cli-error.ts';
import { evidenceText, shortfallText, summaryLine } from '../output/answer-text.ts';
import { createRunProgress } from '../output/run-progress.ts';
import { createStyle } from '../output/style.ts';
import { printable } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Strategy } from './tools.ts';

export interface AskOptions {
  agent?: string;
  blueprint?: string;
  /** Goes on with what was said in it. */
  conversation?: string;
  seconds?: number;
  costUsd?: number;
  cache: boolean;
  /** What the choice of tools looks at most. */
  strategy?: Strategy;
  /** Versions of prompts, by name. */
  prompt?: Record<string, string>;
}

const INTERRUPTED = 130;
/** Milliseconds for the gateway to take a cancel after Ctrl-C. */
const cancelPatience = 3_000;

/** Asks, shows the steps as they run, and prints the answer with its evidence. Ctrl-C cancels the run; a second one leaves at once. */
export async function ask(session: Session, question: string, options: AskOptions): Promise<void> {
  const { client, io, format } = session;
  const budget = {
    ...(options.seconds === undefined ? {} : { ms: Math.round(options.seconds * 1000) }),
    ...(options.costUsd === undefined ? {} : { cost_usd: options.costUsd }),
  };
  const runOptions = {
    ...(options.cache ? {} : { cache: false }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
    ...(options.prompt === undefined ? {} : { prompts: options.prompt }),
  };
  const left = new AbortController();
  const { id, conversation_id } = await start(session, question, options, {
    ...(Object.keys(budget).length > 0 ? { budget } : {}),
    ...(Object.keys(runOptions).length > 0 ? { options: runOptions } : {}),
  });
  const progress = createRunProgress(io, id);
  let interrupts = 0;
  const stopListening = io.onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1) left.abort();
    else {
      const patience = setTimeout(() => left.abort(), cancelPatience);
      patience.unref();
      client.runs.cancel(id).catch(() => left.abort());
    }
  });
  try {
    for await (const event of client.runs.events(id, { signal: left.signal })) progress.event(event);
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    stopListening();
    progress.close();
  }
  if (interrupts > 0) throw new CliError(`Cancelled run ${id}.`, INTERRUPTED);

  const run = await client.runs.get(id);
  if (format === 'json') io.out(`${JSON.stringify(run, null, 2)}\n`);
  else {
    if (run.answer !== null)
      io.out(`${printable(run.answer).trimEnd()}\n${evidenceText(run, io.outColumns)}`);
    io.err(`\n${shortfallText(run)}${createStyle(io.color).dim(summaryLine(run))}\n`);
  }
  if (conversation_id !== null && format !== 'json') io.err(`Go on with --conversation ${conversation_id}\n`);
  if (run.status === 'failed' || run.status === 'cancelled') throw new CliError('');
}

type Limits = Pick<Parameters<Session['client']['runs']['create']>[0], 'budget' | 'options'>;

/** A question that names whom it is for is said in a conversation, others stand alone. */
function start(
  { client }: Session,
  question: string,
  { agent, blueprint, conversation }: AskOptions,
  limits: Limits,
): Promise<{ id: string; conversation_id: string | null }> {
  const goesOn = conversation === undefined ? {} : { conversation_id: conversation };
  if (blueprint !== undefined)
    return client.agents.chatWithBlueprint(blueprint, { message: question, ...goesOn, ...limits });
  if (agent !== undefined) return client.agents.chat(agent, { message: question, ...goesOn, ...limits });
  return client.runs.create({ question, ...goesOn, ...limits });
}
