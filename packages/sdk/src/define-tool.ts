import {
  type CitedRecord,
  faultsOf,
  PlanyardError,
  type Spending,
  type ToolClass,
  ToolManifest,
  ToolName,
  type ToolProfile,
} from '@planyard/contracts';
import { z } from 'zod';

type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** What a tool gets beside its input. `Store` is what the worker that runs it offers: who asks, and the data. */
export interface ToolContext<Store = unknown> {
  /** Aborted by timeout, cancel and deadline: pass it on to whatever you await. */
  signal: AbortSignal;
  log: { debug: Log; info: Log; warn: Log; error: Log };
  /** `run/attempt/step`, the same for every try of a step: hand it to systems that can deduplicate. */
  idempotency_key: string;
  /**
   * Tells what the call has spent, as soon as that is known: `cost_usd`, and the `usage` of a `model` that it called.
   * It counts for the step and its run even if the call fails, and stands in place of the stated `cost_usd`.
   */
  spent(what: z.input<typeof Spending>): void;
  /** Shows how far the call is; percent from 0 to 100. */
  progress(message: string, percent?: number): void;
  store: Store;
}

/** How results of a read-only tool are kept. */
export interface ToolCache<Store = unknown> {
  ttl_s: number;
  /** A text that changes when the data behind the tool does: results of older data are not served. */
  version?(store: Store): Promise<string>;
}

export interface ToolDefinition<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Store = unknown,
> {
  /** `type.operation` */
  name: string;
  /** For the planner: what it answers, and what its arguments mean. */
  description: string;
  input: Input;
  output: Output;
  effects: 'read' | 'write';
  /** Running it twice with the same input does what running it once does. */
  idempotent: boolean;
  /** Turns a bare question into arguments; such a tool takes part when planning failed. */
  broad_search?(question: string): z.input<Input>;
  /** A person approves each call; its arguments are frozen first. Default false. */
  needs_approval?: boolean;
  /** Of one try, in milliseconds: an hour at most. Default 30,000. */
  timeout_ms?: number;
  /** Without it a read-only tool's results are kept for 5 minutes; false keeps none. Tools that write are never cached. */
  cache?: ToolCache<Store> | false;
  profile: ToolProfile;
  /** Which queue its steps go to. Default `io`. */
  class?: ToolClass;
  /** Tries of a step, the first included: 10 at most. Default 3. */
  max_tries?: number;
  /** Calls in flight at once. Default: no cap. */
  max_in_flight?: number;
  /** What one call is expected to cost: reserved before it, and charged after it where `spent` told nothing. Default 0. */
  cost_usd?: number;
  /** Records of the result that an answer may cite. */
  records?(output: z.output<Output>): CitedRecord[];
  /** How many things the result holds. */
  count?(output: z.output<Output>): number;
  /** Throw PlanyardError to say what failed and whether a retry can help; anything else is `tool_failed`. */
  execute(input: z.output<Input>, context: ToolContext<Store>): Promise<z.input<Output>>;
}

export type Tool<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Store = unknown,
> = ToolDefinition<Input, Output, Store> &
  Required<
    Pick<
      ToolDefinition<Input, Output, Store>,
      'needs_approval' | 'timeout_ms' | 'cache' | 'class' | 'max_tries' | 'cost_usd'
    >
  >;

const FIVE_MINUTES = { ttl_s: 300 };
const HALF_A_MINUTE_MS = 30_000;
const { timeout_ms, max_tries, max_in_flight, cost_usd } = ToolManifest.shape;
const Numbers = z.object({
  timeout_ms: timeout_ms.default(HALF_A_MINUTE_MS),
  max_tries,
  max_in_flight,
  cost_usd,
});

/** A tool with its defaults filled in. Throws `invalid_config` for a definition that cannot work. */
export function defineTool<Input extends z.ZodType, Output extends z.ZodType, Store = unknown>(
  definition: ToolDefinition<Input, Output, Store>,
): Tool<Input, Output, Store> {
  const name = ToolName.safeParse(definition.name);
  if (!name.success)
    throw new PlanyardError('invalid_config', `"${definition.name}": a tool is named type.operation`);
  if (definition.effects === 'write' && definition.cache)
    throw new PlanyardError(
      'invalid_config',
      `${definition.name}: results of a tool that writes cannot be cached`,
    );
  const numbers = Numbers.safeParse(definition);
  if (!numbers.success) {
    const faults = faultsOf(numbers.error).map(({ path, message }) => `${path}: ${message}`);
    throw new PlanyardError('invalid_config', `${definition.name}: ${faults.join('; ')}`);
  }
  return {
    ...definition,
    needs_approval: definition.needs_approval ?? false,
    timeout_ms: numbers.data.timeout_ms,
    cache: definition.effects === 'write' ? false : (definition.cache ?? FIVE_MINUTES),
    class: definition.class ?? 'io',
    max_tries: numbers.data.max_tries,
    cost_usd: numbers.data.cost_usd,
  };
}
