import type { ModelCall, RefusedStep } from '@planyard/contracts';
import { type ChatMessage, formatModelName, ModelError } from '@planyard/llm';
import { readEvidence } from '../results.ts';
import { type Admission, createAdmission } from './admission.ts';
import { isBudgetRefusal } from './ask-model.ts';
import { askWithSearch } from './ask-with-search.ts';
import { digestSteps } from './digest.ts';
import { formatFault } from './plan-fault.ts';
import { createPlanReader } from './plan-reader.ts';
import type { Planned, Planning } from './planning.ts';
import { faultsOfReply, type Reply } from './reply-faults.ts';
import { systemMessage } from './system-message.ts';

const EVIDENCE_TOKENS = 12_000;
/** Times that faults go back to the model that made them. */
const REPAIRS = 2;

/**
 * Asks the model for a plan and puts each step into the graph the moment it is complete.
 * What is wrong goes back to the model, twice, then to the next model of the route; the valid steps go on meanwhile.
 */
export async function planWithModel(planning: Planning): Promise<Planned> {
  const { phase, acting, view, planner, deps } = planning;
  const admission = createAdmission(phase, [...view.tools, ...view.known], deps.checkArgs, acting.composed);
  const { messages, label } = await firstMessages(planning);
  const first = await streamPlan(planning, admission, { messages, purpose: 'plan', label, model: planner });
  if (isAnswer(first)) return answerOf(first);
  const replies = [first];
  let faults = faultsOfReply(first, admission);
  // A model that gave nothing at all will not mend it: the broad plan is quicker.
  const repairers = first.failure && first.reader.steps === 0 ? [] : repairersOf(planning, first);
  for (const model of repairers) {
    if (faults.length === 0) break;
    const repair = deps.prompts.render('repair', {
      faults: faults.map(formatFault),
      admitted: [...admission.admitted].join(', ') || 'none',
    });
    const last = replies.at(-1) ?? first;
    messages.push({ role: 'assistant', content: last.text || '{}' }, { role: 'user', content: repair.text });
    const repaired = await streamPlan(planning, admission, {
      messages,
      purpose: 'repair',
      label: repair.label,
      model,
    }).catch((error: unknown) => {
      // What is in the graph runs already: only its repair is not paid for.
      if (admission.admitted.size === 0 || !isBudgetRefusal(error)) throw error;
      return null;
    });
    if (repaired === null) break;
    replies.push(repaired);
    if (admission.admitted.size === 0 && isAnswer(repaired)) return answerOf(repaired);
    faults = faultsOfReply(repaired, admission);
  }
  if (faults.length > 0 && repairers.length > 0)
    deps.log.warn({ faults: faults.map(formatFault) }, 'steps of the plan were dropped');
  const refused = [...admission.refused(), ...cutOff(replies)];
  if (admission.admitted.size > 0)
    return {
      kind: 'steps',
      refused,
      steps: admission.specs(),
      repairs: replies.length - 1,
      intent:
        replies.map(({ reader }) => reader.intent).find((intent) => intent !== '') ??
        phase.record.request.question,
    };
  const { failure } = replies.at(-1) ?? first;
  return {
    kind: 'nothing',
    refused,
    repairs: replies.length - 1,
    why: failure?.message ?? 'the model gave no valid step',
    reachable: failure === null,
  };
}

/** Who mends a plan: the model that made it, and after it the one that the route has next. */
function repairersOf({ model, planner }: Planning, { answered_by }: Reply): string[] {
  const route = model.modelsOf(planner);
  const next = route[route.indexOf(answered_by ?? '') + 1];
  return [...Array<string>(REPAIRS).fill(answered_by ?? planner), ...(next && answered_by ? [next] : [])];
}

async function firstMessages({
  phase,
  acting,
  catalog,
  view,
  conversation,
  deps,
}: Planning): Promise<{ messages: ChatMessage[]; label: string }> {
  const standing = deps.prompts.render('plan', {
    agent: acting.told.text.trim(),
    tools: view.told.text.trim(),
    catalog: catalog.text,
  });
  const system = systemMessage(standing, { phase, view, deps });
  const label = `${system.label} ${acting.told.label} ${view.told.label}${catalog.label}${conversation.label}${view.showsAll ? '' : ` ${view.search.label}`}`;
  const messages: ChatMessage[] = [system.message, ...conversation.messages];
  if (phase.steps.length === 0) return { messages, label };
  const evidence = await readEvidence(phase, deps);
  const values = new Map(evidence.map(({ step, value }) => [step.id, value]));
  const replan = deps.prompts.render('replan', {
    reason: phase.note ?? phase.reason,
    evidence: digestSteps(phase.steps, values, EVIDENCE_TOKENS),
  });
  messages.push({ role: 'user', content: replan.text });
  return { messages, label: `${label} ${replan.label}` };
}

async function streamPlan(
  { phase, model, view }: Planning,
  admission: Admission,
  asked: { messages: ChatMessage[]; purpose: ModelCall['purpose']; label: string; model: string },
): Promise<Reply> {
  const reader = createPlanReader();
  let text = '';
  let failure: ModelError | null = null;
  let answered_by: string | null = null;
  const call = {
    purpose: asked.purpose,
    prompt: asked.label,
    model: asked.model,
    onCall: (record: ModelCall) => {
      answered_by = formatModelName(record);
    },
  };
  try {
    const searching = view.showsAll
      ? null
      : { search: view.search, found: admission.alsoOffer, begun: () => reader.steps > 0 };
    for await (const event of askWithSearch(phase, model, [...asked.messages], call, searching)) {
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
  return { text, reader, failure, answered_by };
}

/** Neither the plan nor a repair of it came to its end: nobody knows what else was planned. */
function cutOff(replies: Reply[]): RefusedStep[] {
  if (!replies.every(isBroken)) return [];
  const last = replies.at(-1);
  const message = last?.failure?.message ?? last?.reader.broken ?? '';
  return [{ step: '', code: 'model_bad_reply', message }];
}

function isBroken({ reader, failure }: Reply): boolean {
  return failure !== null || reader.broken !== null;
}

function isAnswer({ reader }: Reply): boolean {
  return reader.broken === null && reader.steps === 0 && Boolean(reader.answer?.trim());
}

/** Of a plan that is whole as JSON, so the answer in it did not break off. */
function answerOf({ reader }: Reply): Planned {
  return { kind: 'answer', text: reader.answer ?? '', finish: 'stop', told: false };
}
