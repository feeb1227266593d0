/** A question to the rules, and what makes its answer right. */
export interface Question {
  question: string;
  /** SQL over the inventory of tenant $1: every value of every row stands in the answer, in the order of the rows where `ordered`. */
  truth?: string;
  ordered?: boolean;
  /** Texts that the answer, or for a failed run its error, holds. */
  contains?: string[];
  lacks?: string[];
  /** How the run ends; completed without it. */
  status?: 'completed' | 'partial' | 'failed';
  /** Pairs of steps whose times must overlap, by tool. */
  parallel?: [string, string];
}
