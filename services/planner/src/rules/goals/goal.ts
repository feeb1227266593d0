import type { JsonObject } from '@planyard/contracts';
import type { Show } from '../../answer/describer.ts';
import type { Clause } from '../clause.ts';
import type { Lexicon } from '../lexicon.ts';

/** Plans a clause when it is of its kind; false when it is not. */
export type Goal = (clause: Clause, builder: Builder) => boolean;

/** What a goal builds its part of the plan with. */
export interface Builder {
  lexicon: Lexicon;
  question: string;
  /** The clause before, for "it" and "they". */
  before: { clause: Clause; steps: RuleStep[] } | null;
  /** Adds a step and returns its id; `base` is numbered where it is taken. */
  add(
    base: string,
    tool: string,
    args: JsonObject,
    purpose: string,
    more?: Pick<RuleStep, 'when' | 'show'>,
  ): string;
  note(text: string): void;
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
