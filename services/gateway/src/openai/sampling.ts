import type { ReasoningEffort } from '@planyard/llm';

const EFFORTS: ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** The effort where it is one of OpenAI's. */
export function effortOf(text: string | null | undefined): ReasoningEffort | undefined {
  return EFFORTS.find((each) => each === text);
}
