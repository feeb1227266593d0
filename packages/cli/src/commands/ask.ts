import type { Session } from '../session.ts';
import type { Strategy } from './tools.ts';
import { watchRun } from './watch-run.ts';

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

/** Asks, and watches the question being answered. */
export async function ask(session: Session, question: string, options: AskOptions): Promise<void> {
  const budget = {
    ...(options.seconds === undefined ? {} : { ms: Math.round(options.seconds * 1000) }),
    ...(options.costUsd === undefined ? {} : { cost_usd: options.costUsd }),
  };
  const runOptions = {
    ...(options.cache ? {} : { cache: false }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
    ...(options.prompt === undefined ? {} : { prompts: options.prompt }),
  };
  const { id, conversation_id } = await start(session, question, options, {
    ...(Object.keys(budget).length > 0 ? { budget } : {}),
    ...(Object.keys(runOptions).length > 0 ? { options: runOptions } : {}),
  });
  await watchRun(session, id, conversation_id === null ? '' : `Go on with --conversation ${conversation_id}`);
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
