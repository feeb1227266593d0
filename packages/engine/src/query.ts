import { compile, TreeInterpreter, TYPE_STRING } from '@jmespath-community/jmespath';
import { type Json, LIMITS } from '@planyard/contracts';

type Interpreter = typeof TreeInterpreter;
type Node = Parameters<Interpreter['search']>[0];
type Value = Parameters<Interpreter['search']>[1];
type Visited = Parameters<Interpreter['visit']>[1];

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

function evaluate(value: Json, path: string, budget: QueryBudget): Json {
  const node = compile(path);
  inForce = budget;
  begunAt = performance.now();
  mayGoOn = true;
  try {
    return (interpreter.search(node, value as Value) ?? null) as Json;
  } finally {
    budget.ms -= performance.now() - begunAt;
  }
}

/** Of the evaluation under way: it awaits nothing. */
let inForce = queryBudget();
let begunAt = 0;
let mayGoOn = true;
let visits = 0;

/** One for all, as the module's own, whose class is reached by its constructor alone: to make one costs more than most paths do. */
const interpreter = bounded(new (TreeInterpreter.constructor as new () => Interpreter)());

/** The module's own look for the end of a run of blanks anew at each of them. */
for (const [name, sides] of [
  ['trim', 'both'],
  ['trim_left', 'left'],
  ['trim_right', 'right'],
] as const)
  interpreter.runtime.registerFunction(
    name,
    ([text, characters]) => trimmed(text as string, (characters ?? '') as string, sides),
    [{ types: [TYPE_STRING] }, { types: [TYPE_STRING], optional: true }],
    { override: true },
  );

/** Every visit goes through `visit`, also those of functions; `let` makes further interpreters. */
function bounded(interpreter: Interpreter): Interpreter {
  const visit = interpreter.visit.bind(interpreter);
  const withScope = interpreter.withScope.bind(interpreter);
  const { runtime } = interpreter;
  const callFunction = runtime.callFunction.bind(runtime);
  interpreter.visit = (node, value) => {
    const result = node.type === 'Comparator' ? compare(node, value) : visit(node, value);
    const makes = Array.isArray(result) || (node.type === 'Function' && typeof result === 'string');
    inForce.work -= makes ? 1 + result.length : 1;
    requireRoom(0);
    visits += 1;
    if (visits % 8 === 0) requireTime();
    return result;
  };
  /** Two lists that each hold the same list many times over are compared for ever; a literal is as large as it is written. */
  function compare(node: Extract<Node, { type: 'Comparator' }>, value: Visited) {
    if (node.left.type === 'Literal' || node.right.type === 'Literal') return visit(node, value as Value);
    const left = interpreter.visit(node.left, value as Value) as Value;
    const right = interpreter.visit(node.right, value as Value) as Value;
    if (typeof left === 'object') requireRoom(sizeOf(left, inForce.work));
    const sides = {
      left: { type: 'Literal', value: left },
      right: { type: 'Literal', value: right },
    } as const;
    return visit({ ...node, ...sides }, value as Value);
  }
  runtime.callFunction = (name, args) => {
    requireRoom(workOf(name, args));
    return callFunction(name, args);
  };
  interpreter.withScope = (scope) => bounded(withScope(scope));
  return interpreter;
}

function requireTime(): void {
  const now = performance.now();
  if (now - begunAt <= inForce.ms) return;
  if (!mayGoOn) throw new RangeError('it takes too long to evaluate');
  begunAt = now;
  mayGoOn = false;
}

function requireRoom(work: number): void {
  if (!(inForce.work >= work)) throw new RangeError('it takes too much work to evaluate');
}

/** What a call of a function that makes much of little, or goes over its arguments many times, would take: visits tell it too late. */
function workOf(name: string, [first, second, third, fourth]: readonly unknown[]): number {
  switch (name) {
    case 'to_string':
      return sizeOf(first, inForce.work);
    case 'max':
    case 'min':
      return sizeOf(first, inForce.work * 4) / 4;
    case 'sort':
      return (sizeOf(first, inForce.work * 2) * Math.log2(2 + lengthOf(first))) / 2;
    case 'join':
      return sizeOf(second, inForce.work) + lengthOf(first) * lengthOf(second);
    case 'find_last':
      return (lengthOf(first) * lengthOf(second)) / 100;
    case 'replace': {
      const places = 1 + lengthOf(first) / Math.max(1, lengthOf(second));
      return typeof fourth === 'number' ? fourth : places * lengthOf(third);
    }
    default:
      return 0;
  }
}

function trimmed(text: string, characters: string, sides: 'left' | 'right' | 'both'): string {
  const named = new Set(characters.split(''));
  const goes = (at: number) => {
    const char = text[at] as string;
    return named.size > 0 ? named.has(char) : /[\s\u0085]/.test(char);
  };
  let start = 0;
  let end = text.length;
  if (sides !== 'right') while (start < end && goes(start)) start += 1;
  if (sides !== 'left') while (end > start && goes(end - 1)) end -= 1;
  return text.slice(start, end);
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
}

/** Values and characters, counted until they are more than `most`. */
function sizeOf(value: unknown, most: number): number {
  let size = 1 + (typeof value === 'string' ? value.length : 0);
  if (value === null || typeof value !== 'object') return size;
  for (const each of Array.isArray(value) ? value : Object.values(value)) {
    size += sizeOf(each, most - size);
    if (size > most) break;
  }
  return size;
}

const VALUE_BYTES = 8;

/** A list may hold the same list many times over, which is small until it is written. */
function spendSize(value: Json, budget: QueryBudget): void {
  budget.size -= VALUE_BYTES + (typeof value === 'string' ? value.length : 0);
  if (budget.size < 0) throw new RangeError(`it yields more than ${LIMITS.run_bytes} bytes`);
  if (value === null || typeof value !== 'object') return;
  for (const each of Array.isArray(value) ? value : Object.values(value)) spendSize(each, budget);
}
