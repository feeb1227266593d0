import type { Json, JsonObject } from '@planyard/contracts';
import type { Show } from '../../answer/describer.ts';
import type { Clause } from '../clause.ts';
import type { Lexicon } from '../lexicon.ts';
import type { Kind } from '../meaning.ts';

/**
 * A kind of question: plans a clause that is of this kind and returns the kinds of words that its plan uses; null when
 * it is of another. Of a clause that says more, the plan would answer another question, and is not taken.
 */
export type Goal = (clause: Clause, builder: Builder) => Kind[] | null;

export interface RuleStep {
  id: string;
  tool: string;
  args: JsonObject;
  purpose: string;
  when?: { $from: string; path: string };
  show?: Show;
}

/** What a goal builds its plan with. */
export interface Builder {
  lexicon: Lexicon;
  steps: RuleStep[];
  /** The clause before and its steps, for "it" and "they". */
  before: { clause: Clause; steps: RuleStep[] } | null;
  /** Adds a step and returns its id; `base` is numbered where it is taken. */
  add(base: string, tool: string, args: object, purpose: string, more?: Partial<RuleStep>): string;
  /** The best of tools that can do the same; the first where the selector is off. */
  choose(candidates: string[]): string;
}

/** Items that something is asked of, as arguments of a tool and in words: "items of type host". */
export interface Scope {
  args: Record<string, Json>;
  of: string;
  /** What of the clause tells these items. */
  uses: Kind[];
}

/** What is told of every item that an answer names. */
export const TOLD = ['owner', 'environment', 'status', 'type'];
