import { compile } from '@jmespath-community/jmespath';
import { type Json, LIMITS } from '@planyard/contracts';
import { boundedInterpreter } from './bounded-interpreter.ts';

/** What the paths of one step may cost together. They come from models and callers, and their evaluation stops all else of its process. */
export interface QueryBudget {
  /** Nodes of expressions visited, and entries and characters that these visits made. */
  work: number;
  /** Milliseconds: a visit may compare, or go over, all there is. Given twice, since a process may be frozen in one of them. */
  ms: number;
  /** Bytes of what they yield, roughly: a character counts one, a value `VALUE_BYTES`. */
  size: number;
}

export function queryBudget(): QueryBudget {
  return { work: 5_000_000, ms: 2_000, size: LIMITS.run_bytes };
}

/** What a JMESPath expression takes of a value, the whole without one; null for what is not there. Throws for a wrong expression, and when the budget is used up. */
export function query(value: Json, path: string | undefined, budget = queryBudget()): Json {
  const found = path === undefined ? value : evaluate(value, path, budget);
  spendSize(found, budget);
  return found;
}

/** One for all: to make one costs more than most paths do. */
const search = boundedInterpreter();

function evaluate(value: Json, path: string, budget: QueryBudget): Json {
  const node = compile(path);
  return search(node, value, budget);
}

const VALUE_BYTES = 8;

/** A list may hold the same list many times over, which is small until it is written. */
function spendSize(value: Json, budget: QueryBudget): void {
  budget.size -= VALUE_BYTES + (typeof value === 'string' ? value.length : 0);
  if (budget.size < 0) throw new RangeError(`it yields more than ${LIMITS.run_bytes} bytes`);
  if (value === null || typeof value !== 'object') return;
  for (const each of Array.isArray(value) ? value : Object.values(value)) spendSize(each, budget);
}
