import { z } from 'zod';
import { RunId } from './ids.ts';
import { PlanStep } from './plan.ts';

/** Who made a run's first plan: a model, a kept plan (of the same question, or of a similar one, adapted), native rounds, broad search, the rules, a composition, the run that is run again. */
export const PlanSource = z.enum([
  'model',
  'cache',
  'similar',
  'rounds',
  'broad',
  'rules',
  'composition',
  'rerun',
]);
export type PlanSource = z.infer<typeof PlanSource>;

/** What is known of a run's first plan once it is sealed, for its record and for runs that may plan alike. */
export const PlanInfo = z.object({
  source: PlanSource,
  /** The attempt that it is of: not the first where a planner crashed before it was whole. */
  attempt: z.int().default(1),
  /** The run whose plan serves again, where that is to be blamed for how this run ends. */
  reused_from: RunId.nullable().default(null),
  /** What the question wants, as the selector or the agent names it; `other` where they name nothing. */
  wants: z.string().default('other'),
  /** Labels of the prompt that it was planned with and of the agent's. */
  prompt: z.string().nullable().default(null),
  /** Times that faults of it went back to a model. */
  repairs: z.int().default(0),
  /** For plans that may serve again. */
  reuse: z
    .object({
      /** Agent, tools, prompts and question. */
      key: z.string(),
      /** The same without the question. */
      scope: z.string(),
      question: z.string(),
      /** Of the question, where a model for it is configured. */
      vector: z.array(z.number()).nullable(),
      /** As they were planned, compositions unexpanded. */
      steps: z.array(PlanStep),
    })
    .nullable()
    .default(null),
});
export type PlanInfo = z.infer<typeof PlanInfo>;
