import { parseEnv } from '@planyard/runtime';
import { configSchema } from '@planyard/tool-worker';
import { z } from 'zod';

/** Where the tools of this worker append their lines. */
export function toolJournal(): string {
  return parseEnv(z.object({ CHAOS_TOOL_JOURNAL: z.string() }), process.env).CHAOS_TOOL_JOURNAL;
}

/** Which guard this process leaves out. */
export function omittedGuard(): 'epoch' | 'lease' | 'reconciler' {
  return parseEnv(z.object({ CHAOS_OMIT: z.enum(['epoch', 'lease', 'reconciler']) }), process.env).CHAOS_OMIT;
}

export function toolWorkerConfig() {
  return parseEnv(configSchema, process.env);
}
