import { ModelError } from '@planyard/llm';
import type { PlannerModel } from './deps.ts';

/** What plans, as runs tell it; `model` while its provider cannot be asked for one. */
export async function plannerName(
  model: PlannerModel,
  signal: AbortSignal,
  wanted?: string,
): Promise<string> {
  try {
    return await model.name(signal, wanted);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    return 'model';
  }
}
