import type { ChatRequest } from '@planyard/llm';

const EFFORTS = ['minimal', 'low', 'medium', 'high'] as const;

/** The effort where it is one that every provider knows. */
export function effortOf(text: string | null | undefined): ChatRequest['reasoning_effort'] {
  return EFFORTS.find((each) => each === text);
}
