import { type Command, Option } from 'commander';
import { assignment, positive } from '../option-values.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';
import { STRATEGIES, type Strategy } from './tools.ts';
import { watchRun } from './watch-run.ts';

interface AskOptions {
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

/** `planyard ask`. */
export function addAsk(program: Command, { add, session }: Shell): void {
  add(program, 'ask', 'ask a question and watch it being answered')
    .argument('<question...>', 'the question')
    .option('--agent <name>', 'the agent to ask; refused for a name that is none')
    .option('--blueprint <name>', 'the blueprint whose supervisor chooses the agent')
    .option('--conversation <id>', 'go on with what was said in it')
    .option('--seconds <number>', 'time it may take', positive)
    .option('--cost-usd <number>', 'money it may cost', positive)
    .option('--no-cache', 'run every step anew')
    .addOption(new Option('--strategy <strategy>', 'what the choice of tools looks at').choices(STRATEGIES))
    .option('--prompt <name=version>', 'a version of a prompt, such as plan=1; may be repeated', assignment)
    .action((words: string[], options: AskOptions & Output) =>
      ask(session(options), words.join(' '), options),
    );
}

/** Asks, and watches the question being answered. */
async function ask(session: Session, question: string, options: AskOptions): Promise<void> {
  const budget = {
    ...(options.seconds === undefined ? {} : { ms: Math.round(options.seconds * 1000) }),
    ...(options.costUsd === undefined ? {} : { cost_usd: options.costUsd }),
  };
  const runOptions = {
    ...(options.cache ? {} : { cache: false }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
    ...(options.prompt === undefined ? {} : { prompts: options.prompt }),
  };
  const limits = {
    ...(Object.keys(budget).length > 0 ? { budget } : {}),
    ...(Object.keys(runOptions).length > 0 ? { options: runOptions } : {}),
  };
  await watchRun(session, (signal) => start(session, question, options, limits, signal));
}

type Limits = Pick<Parameters<Session['client']['runs']['create']>[0], 'budget' | 'options'>;

/** A question that names whom it is for is said in a conversation, others stand alone. */
function start(
  { client }: Session,
  question: string,
  { agent, blueprint, conversation }: AskOptions,
  limits: Limits,
  signal: AbortSignal,
): Promise<{ id: string; conversation_id: string | null }> {
  const goesOn = conversation === undefined ? {} : { conversation_id: conversation };
  if (blueprint !== undefined)
    return client.agents.chatWithBlueprint(
      blueprint,
      { message: question, ...goesOn, ...limits },
      { signal },
    );
  if (agent !== undefined)
    return client.agents.chat(agent, { message: question, ...goesOn, ...limits }, { signal });
  return client.runs.create({ question, ...goesOn, ...limits }, { signal });
}
