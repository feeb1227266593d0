import type { ChatMessage } from '@planyard/llm';
import type { RenderedPrompt } from '@planyard/planning';
import { describeHints } from './describe-hints.ts';
import { describeLimits } from './describe-limits.ts';
import type { Planning } from './planning.ts';

/** The text that a planning call begins with, in two parts: what stays the same from call to call, which providers can cache, and what does not. */
export function systemMessage(
  standing: RenderedPrompt,
  { phase, view, deps }: Pick<Planning, 'phase' | 'view' | 'deps'>,
): { message: ChatMessage; label: string } {
  const changing = deps.prompts.render('this-run', {
    budget: describeLimits(phase, deps.now()),
    hints: describeHints(view.context),
    now: new Date(deps.now()).toISOString(),
  });
  const content = [standing, changing].map(({ text }) => ({ type: 'text' as const, text }));
  return { message: { role: 'system', content }, label: `${standing.label} ${changing.label}` };
}
