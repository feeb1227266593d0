import { compile, TreeInterpreter } from '@jmespath-community/jmespath';
import { type Json, LIMITS } from '@planyard/contracts';

type Interpreter = typeof TreeInterpreter;
type Value = Parameters<Interpreter['search']>[1];

/** What the paths of one step may cost together. They come from models and callers, and their evaluation stops all else of its process. */
export interface QueryBudget {
  /** Nodes of expressions visited, and entries and characters that these visits made. */
  work: number;
  /** Bytes of what they yield, roughly: a character counts one, a value `VALUE_BYTES`. */
  size: number;
}

export function queryBudget(): QueryBudget {
  return { work: 5_000_000, size: LIMITS.run_bytes };
}

/** What a JMESPath expression takes of a value, the whole without one; null for what is not there. Throws for a wrong expression, and when the budget is used up. */
export function query(value: Json, path: string | undefined, budget = queryBudget()): Json {
  const found = path === undefined ? value : evaluate(value, path, budget);
  spendSize(found, budget);
  return found;
}

function evaluate(value: Json, path: string, budget: QueryBudget): Json {
  const node = compile(path);
  inForce = budget;
  return (interpreter.search(node, value as Value) ?? null) as Json;
}

/** Of the evaluation under way: it awaits nothing. */
let inForce = queryBudget();

/** One for all, as the module's own, whose class is reached by its constructor alone: to make one costs more than most paths do. */
const interpreter = bounded(new (TreeInterpreter.constructor as new () => Interpreter)());

/** Every visit goes through `visit`, also those of functions; `let` makes further interpreters. */
function bounded(interpreter: Interpreter): Interpreter {
  const visit = interpreter.visit.bind(interpreter);
  const withScope = interpreter.withScope.bind(interpreter);
  interpreter.visit = (node, value) => {
    const result = visit(node, value);
    const makes = Array.isArray(result) || (node.type === 'Function' && typeof result === 'string');
    inForce.work -= makes ? 1 + result.length : 1;
    if (inForce.work < 0) throw new RangeError('it takes too much work to evaluate');
    return result;
  };
  interpreter.withScope = (scope) => bounded(withScope(scope));
  return interpreter;
}

const VALUE_BYTES = 8;

/** A list may hold the same list many times over, which is small until it is written. */
function spendSize(value: Json, budget: QueryBudget): void {
  budget.size -= VALUE_BYTES + (typeof value === 'string' ? value.length : 0);
  if (budget.size < 0) throw new RangeError(`it yields more than ${LIMITS.run_bytes} bytes`);
  if (value === null || typeof value !== 'object') return;
  for (const each of Array.isArray(value) ? value : Object.values(value)) spendSize(each, budget);
}
