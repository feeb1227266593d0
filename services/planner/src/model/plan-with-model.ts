import type { ModelCall, RefusedStep, ToolManifest } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { type ChatMessage, ModelError } from '@planyard/llm';
import type { PlannerDeps, PlannerModel } from '../deps.ts';
import { readEvidence } from '../results.ts';
import { type Admission, createAdmission } from './admission.ts';
import { askModel, describeLimits } from './ask-model.ts';
import type { CheckArgs } from './check-args.ts';
import { conversationOf } from './conversation.ts';
import { digestCatalogs, digestSteps, digestTools } from './digest.ts';
import { formatFault } from './plan-fault.ts';
import { createPlanReader } from './plan-reader.ts';
import { faultsOfReply, type Reply } from './reply-faults.ts';

const CATALOG_TOKENS = 6_000;
const EVIDENCE_TOKENS = 12_000;

/** How planning by a model ended: steps are in the graph, or the model answered at once, or neither. */
export type Planned =
  | { kind: 'steps'; intent: string; refused: RefusedStep[] }
  | { kind: 'answer'; text: string }
  | { kind: 'nothing'; why: string; refused: RefusedStep[] };

/**
 * Asks the model for a plan and puts each step into the graph the moment it is complete.
 * What is wrong goes back to the model once; the valid steps go on meanwhile.
 */
export async function planWithModel(
  phase: PlanningPhase,
  model: PlannerModel,
  tools: ToolManifest[],
  deps: PlannerDeps & { checkArgs: CheckArgs },
): Promise<Planned> {
  const admission = createAdmission(phase, tools, deps.checkArgs);
  const { messages, label } = await firstMessages(phase, tools, deps);
  const first = await streamPlan(phase, model, admission, messages, 'plan', label);
  if (isAnswer(first)) return { kind: 'answer', text: first.reader.answer ?? '' };
  let last = first;
  const faults = faultsOfReply(first, admission);
  // A model that gave nothing at all will not mend it: the broad plan is quicker.
  if (faults.length > 0 && !(first.failure && first.reader.steps === 0)) {
    const repair = deps.prompts.render('repair', {
      faults: faults.map(formatFault),
      admitted: [...admission.admitted].join(', ') || 'none',
    });
    const asked: ChatMessage[] = [
      ...messages,
      { role: 'assistant', content: first.text || '{}' },
      { role: 'user', content: repair.text },
    ];
    last = await streamPlan(phase, model, admission, asked, 'repair', repair.label);
    if (admission.admitted.size === 0 && isAnswer(last))
      return { kind: 'answer', text: last.reader.answer ?? '' };
    const dropped = faultsOfReply(last, admission);
    if (dropped.length > 0)
      deps.log.warn({ faults: dropped.map(formatFault) }, 'steps of the plan were dropped');
  }
  const refused = [...admission.refused(), ...cutOff(first, last)];
  if (admission.admitted.size > 0)
    return {
      kind: 'steps',
      refused,
      intent: first.reader.intent || last.reader.intent || phase.record.request.question,
    };
  return { kind: 'nothing', refused, why: last.failure?.message ?? 'the model gave no valid step' };
}

async function firstMessages(
  phase: PlanningPhase,
  tools: ToolManifest[],
  deps: PlannerDeps,
): Promise<{ messages: ChatMessage[]; label: string }> {
  const system = deps.prompts.render('plan', {
    tools: digestTools(tools),
    catalog: digestCatalogs(await deps.catalogs(phase.record.caller.tenant), CATALOG_TOKENS),
    budget: describeLimits(phase, deps.now()),
    now: new Date(deps.now()).toISOString(),
  });
  const messages: ChatMessage[] = [{ role: 'system', content: system.text }, ...conversationOf(phase.record)];
  if (phase.steps.length === 0) return { messages, label: system.label };
  const evidence = await readEvidence(phase, deps);
  const values = new Map(evidence.map(({ step, value }) => [step.id, value]));
  const replan = deps.prompts.render('replan', {
    reason: phase.note ?? phase.reason,
    evidence: digestSteps(phase.steps, values, EVIDENCE_TOKENS),
  });
  messages.push({ role: 'user', content: replan.text });
  return { messages, label: `${system.label} ${replan.label}` };
}

async function streamPlan(
  phase: PlanningPhase,
  model: PlannerModel,
  admission: Admission,
  messages: ChatMessage[],
  purpose: ModelCall['purpose'],
  prompt: string,
): Promise<Reply> {
  const reader = createPlanReader();
  let text = '';
  let failure: ModelError | null = null;
  try {
    for await (const event of askModel(phase, model, { messages }, { purpose, prompt })) {
      if (event.type !== 'text') continue;
      text += event.text;
      for (const step of reader.write(event.text)) await admission.offer(step);
    }
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    failure = error;
  }
  reader.end();
  return { text, reader, failure };
}

/** Neither the plan nor its repair came to its end: nobody knows what else was planned. */
function cutOff(first: Reply, last: Reply): RefusedStep[] {
  if (!isBroken(first) || !isBroken(last)) return [];
  const message = last.failure?.message ?? last.reader.broken ?? '';
  return [{ step: '', code: 'model_bad_reply', message }];
}

function isBroken({ reader, failure }: Reply): boolean {
  return failure !== null || reader.broken !== null;
}

function isAnswer({ reader }: Reply): boolean {
  return reader.broken === null && reader.steps === 0 && Boolean(reader.answer?.trim());
}
