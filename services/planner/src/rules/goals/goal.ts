import type { Json, JsonObject } from '@planyard/contracts';
import type { Show } from '../../answer/describer.ts';
import type { Clause } from '../clause.ts';
import type { Lexicon } from '../lexicon.ts';
import type { Role } from '../roles.ts';

/**
 * A kind of question: plans a clause that is of this kind and returns what of it the plan uses; null when it is of
 * another. Of a clause that asks for more, the plan would answer another question, and is not taken.
 */
export type Goal = (clause: Clause, builder: Builder) => readonly Role[] | null;

/** What narrows items down. */
export const FILTERS = ['type', 'value', 'attribute', 'except'] as const;
/** What may be asked of a figure, of attributes, metrics and events. */
export const FIGURE = ['high', 'low', 'bound', 'by_type', 'count'] as const;
export const EVENTS = ['event', 'happened', 'severity', 'last', 'first', 'count', 'often'] as const;

/** What is planned for a clause: its steps, and sentences for the answer. */
export interface Plan {
  steps: RuleStep[];
  notes: string[];
}

/** What a goal builds its plan with. */
export interface Builder extends Plan {
  lexicon: Lexicon;
  /** The clause before, for "it" and "they". */
  before: { clause: Clause; steps: RuleStep[] } | null;
  /** Adds a step and returns its id; `base` is numbered where it is taken. */
  add(base: string, tool: string, args: object, purpose: string, more?: Partial<RuleStep>): string;
  /** The best of tools that can do the same; the first where the selector is off. */
  choose(candidates: string[]): string;
}

export interface RuleStep {
  id: string;
  tool: string;
  args: JsonObject;
  purpose: string;
  when?: { $from: string; path: string };
  show?: Show;
}

/** Items that something is asked of, as arguments of a tool and in words: "items of type host". */
export interface Scope {
  args: Record<string, Json>;
  of: string;
  /** What of the clause tells these items. */
  uses: readonly Role[];
}
