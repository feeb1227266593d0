import { z } from 'zod';

/** `provider/model`; the model's own name may hold slashes. */
export const ModelRef = z.string().regex(/^[^/\s]+\/\S+$/, 'write provider/model, such as openai/gpt-5-mini');

const Weighted = z.strictObject({
  model: ModelRef,
  weight: z.number().positive().default(1),
  context_tokens: z.int().min(1).optional().meta({ description: 'What fits into its context' }),
});

const RouteModel = z.union([ModelRef.transform((model) => Weighted.parse({ model })), Weighted]);
export type RouteModel = z.infer<typeof RouteModel>;

/** Entries are tried in order; a list in place of one holds equals, among which `choose` decides. */
const Entries = z
  .array(z.union([RouteModel.transform((model): RouteModel[] => [model]), z.array(RouteModel).min(1)]))
  .min(1);

export const Choice = z.enum(['weight', 'least_in_flight', 'lowest_latency']);
export type Choice = z.infer<typeof Choice>;

const FullRoute = z.strictObject({ choose: Choice.default('weight'), models: Entries });

/** A fallback chain: a list of models, or `{choose, models}`. */
export const Route = z.union([
  Entries.transform((models) => ({ choose: 'weight' as const, models })),
  FullRoute,
]);
export type Route = z.infer<typeof FullRoute>;
