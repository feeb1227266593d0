import type { PlanInfo, RefusedStep } from '@planyard/contracts';
import type { JoiningPhase, PlanningPhase } from '@planyard/engine';
import type { FinishReason } from '@planyard/llm';
import { citationsOf } from './citations.ts';
import { brokenOff, cutShort, missingOf } from './missing.ts';

/** Ends the run with a model's answer: complete, or partial where it broke off or a step's loss was not made good. */
export async function finishWithAnswer(
  phase: PlanningPhase | JoiningPhase,
  { text, finish }: { text: string; finish: FinishReason },
  planner: string,
  /** Of a run in which the answer took the place of a plan that failed. */
  plan: PlanInfo | null = null,
): Promise<void> {
  const missing = [
    ...brokenOff(finish),
    ...cutShort(phase),
    ...missingOf({ steps: phase.steps, refused: lostCalls(phase) }),
  ];
  await phase.finish({
    status: missing.length === 0 ? 'completed' : 'partial',
    answer: text,
    citations: citationsOf(text, phase.steps),
    missing,
    planner,
    error: null,
    ...(plan ? { plan } : {}),
  });
}

/** What the answer may lack. A model in rounds was told what could not be called and went on; only a limit is none of its choice. */
function lostCalls(phase: PlanningPhase | JoiningPhase): RefusedStep[] {
  if (phase.strategy === 'rounds') return phase.refused.filter(({ code }) => code === 'budget_exceeded');
  return 'must_conclude' in phase ? phase.refused : [];
}

/** Tells an answer that came in one piece to those who follow the run. */
export async function tellAnswer(phase: PlanningPhase | JoiningPhase, text: string): Promise<void> {
  await phase.answerStarted();
  await phase.answerDelta(text);
  await phase.answerCompleted(text);
}
