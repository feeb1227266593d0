import { TreeInterpreter, TYPE_STRING } from '@jmespath-community/jmespath';
import type { Json } from '@planyard/contracts';
import { sizeOf, workOf } from './jmespath-work.ts';

type Interpreter = typeof TreeInterpreter;
type Node = Parameters<Interpreter['search']>[0];
type Value = Parameters<Interpreter['search']>[1];
type Visited = Parameters<Interpreter['visit']>[1];

/** What an evaluation may take, and is taken from: see `QueryBudget`. */
interface Bounds {
  work: number;
  ms: number;
}

/** JMESPath's own interpreter within bounds. What it returns throws a RangeError when they are used up. */
export function boundedInterpreter(): (node: Node, value: Json, bounds: Bounds) => Json {
  // Of the evaluation under way: it awaits nothing.
  let inForce: Bounds = { work: 0, ms: 0 };
  let begunAt = 0;
  let mayGoOn = true;
  let visits = 0;

  // The module's class is reached by the constructor of its instance alone.
  const interpreter = bounded(new (TreeInterpreter.constructor as new () => Interpreter)());
  ownTrims(interpreter);

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
      requireRoom(workOf(name, args, inForce.work));
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

  return (node, value, bounds) => {
    inForce = bounds;
    begunAt = performance.now();
    mayGoOn = true;
    try {
      return (interpreter.search(node, value as Value) ?? null) as Json;
    } finally {
      bounds.ms -= performance.now() - begunAt;
    }
  };
}

/** The module's own look for the end of a run of blanks anew at each of them. */
function ownTrims({ runtime }: Interpreter): void {
  for (const [name, sides] of [
    ['trim', 'both'],
    ['trim_left', 'left'],
    ['trim_right', 'right'],
  ] as const)
    runtime.registerFunction(
      name,
      ([text, characters]) => trimmed(text as string, (characters ?? '') as string, sides),
      [{ types: [TYPE_STRING] }, { types: [TYPE_STRING], optional: true }],
      { override: true },
    );
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
