import { z } from 'zod';

/** `open`: calls fail at once. `half_open`: the next call is a probe. */
export const BreakerState = z.enum(['closed', 'half_open', 'open']);
export type BreakerState = z.infer<typeof BreakerState>;

/** How a tool does, over all of its workers: moving averages in which older calls count less. */
export const ToolFigures = z
  .object({
    calls: z.number().meta({ description: 'Calls that the averages stand on; older ones count less' }),
    ms: z.number().meta({ description: 'What a call that was made took' }),
    success: z.number().min(0).max(1),
    cached: z.number().min(0).max(1).meta({ description: 'Share that a kept or shared result answered' }),
    load: z.number().min(0).max(1).meta({ description: "Its workers' places that are taken or waited for" }),
    breaker: BreakerState,
  })
  .meta({ id: 'ToolFigures' });
export type ToolFigures = z.infer<typeof ToolFigures>;
