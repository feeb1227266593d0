import {
  attemptOf,
  type ErrorCode,
  faultsOf,
  jsonDepth,
  LIMITS,
  PlanStep,
  PlanyardError,
  type RefusedStep,
  StepId,
  stepId,
  type ToolManifest,
} from '@planyard/contracts';
import type { FoundReference, PlanningPhase } from '@planyard/engine';
import { admitSpecs, type NamedStep } from '../admit-specs.ts';
import type { Composed } from '../compositions/composed.ts';
import { expandComposition } from '../compositions/expand-composition.ts';
import { faultsOfComposed } from '../compositions/faults-of-composed.ts';
import type { CheckArgs } from './check-args.ts';
import { missingField } from './check-path.ts';
import { nearestOf } from './nearest.ts';
import { type CodedFault, type LocatedFault, type PlanFault, showValue } from './plan-fault.ts';
import { createRefusals } from './refusals.ts';
import { repeatedCall } from './repeated-call.ts';
import { referencesOf, withStoredIds } from './resolve-references.ts';

/** Codes by which the graph refuses a step because of what it is; others mean that this phase is over or Redis is down. */
const STEP_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_step',
  'plan_too_large',
  'plan_too_deep',
  'duplicate_step',
  'unknown_step',
  'plan_cycle',
  'invalid_reference',
  'args_too_large',
  'too_deep',
  'budget_exceeded',
]);

/** A step, its arguments and what they hold. */
const MAX_DEPTH = LIMITS.json_depth + 1;

/** Tools that are told when one is named that is none; of more only the nearest. */
const NAMED_TOOLS = 20;

interface Held {
  spec: PlanStep;
  /** Names in this plan that have not come yet. */
  missing: string[];
}

/** Takes a plan's steps one by one and puts each valid one into the graph at once. */
export interface Admission {
  /** Judges a step as it came from the model; a step that refers to one that has not come yet is held until it comes. */
  offer(raw: unknown): Promise<void>;
  /** Tools that were found after the prompt was written: steps may use them too. */
  alsoOffer(tools: readonly ToolManifest[]): void;
  /** The faults since the last call. What is still held is faulty too, unless it waits for a step that is told already. */
  takeFaults(): PlanFault[];
  /** What was offered and is not in the graph, as things stand. */
  refused(): RefusedStep[];
  /** The steps in the graph, as they were planned. */
  specs(): PlanStep[];
  /** Ids in the graph, without the attempt. */
  readonly admitted: ReadonlySet<string>;
}

const NOTHING_COMPOSED: Composed = { compositions: new Map(), toolOf: () => undefined };

export function createAdmission(
  phase: Pick<PlanningPhase, 'attempt' | 'steps' | 'addSteps'>,
  tools: ToolManifest[],
  checkArgs: CheckArgs,
  composed: Composed = NOTHING_COMPOSED,
): Admission {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const admitted = new Set<string>();
  const held = new Map<string, Held>();
  const specs = new Map<string, string>();
  /** By stored id. */
  const planned = new Map<string, PlanStep>();
  const faulty = new Set<string>();
  const refusals = createRefusals();
  let faults: PlanFault[] = [];
  let offered = 0;

  async function offer(raw: unknown): Promise<void> {
    offered += 1;
    const name = idOf(raw) ?? `steps[${offered - 1}]`;
    // First of all: what comes after walks the step by recursion.
    const depth = jsonDepth(raw);
    if (depth > MAX_DEPTH) {
      refuse(name, 'too_deep', {
        path: '',
        expected: `at most ${LIMITS.json_depth} levels of arguments`,
        got: `${depth} levels`,
      });
      return;
    }
    const parsed = PlanStep.safeParse(raw);
    if (!parsed.success) {
      for (const fault of faultsOf(parsed.error))
        refuse(name, 'invalid_step', { path: fault.path, expected: fault.message, got: showValue(raw) });
      return;
    }
    const spec = parsed.data;
    if (admitted.has(spec.id) || held.has(spec.id)) {
      // A model may repeat its whole plan when a part of it is sent back.
      if (specs.get(spec.id) !== JSON.stringify(spec))
        refuse(name, 'duplicate_step', { path: 'id', expected: 'an id of its own', got: spec.id });
      return;
    }
    const { found, faults: malformed } = referencesOf(spec);
    const wrong = [
      ...checkCall(spec.tool, spec.args, 'args'),
      ...malformed.map((fault) => ({ ...fault, code: 'invalid_reference' as const })),
    ];
    if (spec.fallback) wrong.push(...checkCall(spec.fallback.tool, spec.fallback.args, 'fallback.args'));
    wrong.push(...faultsOfComposed(spec, composed));
    wrong.push(...repeatedCall(spec, phase));
    const names = [...found.map((each) => each.from), ...spec.after];
    if (names.some((each) => each === spec.id || each === stepId(phase.attempt, spec.id)))
      wrong.push({
        code: 'plan_cycle',
        path: 'args',
        expected: 'references to other steps',
        got: `a reference to ${spec.id} itself`,
      });
    for (const each of wrong) refuse(name, each.code, each);
    if (wrong.length > 0) return;
    specs.set(spec.id, JSON.stringify(spec));
    faulty.delete(spec.id);
    held.set(spec.id, { spec, missing: names.filter((each) => resolve(each) === null) });
    await release();
  }

  function checkCall(name: string, args: PlanStep['args'], at: string): CodedFault[] {
    const tool = byName.get(name);
    if (!tool)
      return [
        {
          code: 'unknown_tool',
          path: at.replace('args', 'tool'),
          expected:
            byName.size > NAMED_TOOLS ? 'a tool that is offered' : `one of ${[...byName.keys()].join(', ')}`,
          got: name,
          nearest: nearestOf(name, byName.keys()),
        },
      ];
    return checkArgs(tool, args).map((fault) => ({
      ...fault,
      code: 'invalid_args',
      path: fault.path.replace(/^args/, at),
    }));
  }

  /** Admits what is held and waits for nothing any more, until nothing moves. */
  async function release(): Promise<void> {
    for (let moved = true; moved; ) {
      moved = false;
      for (const [id, each] of held) {
        if (each.missing.some((name) => resolve(name) === null)) continue;
        held.delete(id);
        await admit(each.spec);
        moved = true;
      }
    }
  }

  async function admit(spec: PlanStep): Promise<void> {
    const known = (name: string) => resolve(name) ?? name;
    const wrong = referencesOf(spec).found.flatMap((each) => checkReference(each, known(each.from)));
    for (const each of wrong) refuse(spec.id, 'invalid_reference', each);
    if (wrong.length > 0) return;
    try {
      const steps = expanded(spec, known);
      const repeated = repeatedIn(steps);
      for (const each of repeated) refuse(spec.id, each.code, each);
      if (repeated.length > 0) return;
      // Steps of a composition mean each other, though an earlier attempt has steps of these names too.
      const own = new Set(steps.length > 1 ? steps.map((each) => each.spec.id) : []);
      const stored = (name: string) => (own.has(name) ? stepId(phase.attempt, name) : known(name));
      const toolOf = steps.length > 1 ? composed.toolOf : (name: string) => byName.get(name);
      await phase.addSteps(admitSpecs(phase.attempt, steps, stored, toolOf));
      admitted.add(spec.id);
      planned.set(stepId(phase.attempt, spec.id), spec);
      faulty.delete(spec.id);
      refusals.mend(spec.id);
    } catch (error) {
      if (!(error instanceof PlanyardError) || !STEP_FAULTS.has(error.code)) throw error;
      const path = error.errors?.[0]?.path ?? '';
      refuse(spec.id, error.code, { path, expected: error.message, got: spec.id });
    }
  }

  /** A composition stands for its steps; any other step for itself. */
  function expanded(spec: PlanStep, known: (name: string) => string): NamedStep[] {
    const composition = composed.compositions.get(spec.tool);
    if (!composition) return [{ spec, needs: [] }];
    const { id, args, when, after } = withStoredIds(spec, known);
    return expandComposition(composition, { id, parameters: args, alone: false, when, after });
  }

  /** Calls of a composition that failed before and that it cannot do without. */
  function repeatedIn(steps: NamedStep[]): CodedFault[] {
    return steps
      .filter(({ spec }) => spec.on_error === 'isolate' || spec.on_error === 'fail_fast')
      .flatMap(({ spec }) => repeatedCall(spec, phase));
  }

  /** A path must fit what the step it reads from may give: its tool's result, and its fallback's. */
  function checkReference({ path, at }: FoundReference, from: string): LocatedFault[] {
    const producer = planned.get(from) ?? phase.steps.find((step) => step.id === from)?.spec;
    if (path === null || !producer) return [];
    return [producer.tool, ...(producer.fallback ? [producer.fallback.tool] : [])].flatMap((name) => {
      const missing = missingField(path, byName.get(name)?.output_schema ?? {});
      return missing ? [{ ...missing, path: at, expected: `${missing.expected} of ${name}` }] : [];
    });
  }

  /** The stored id of a name in this plan or an earlier attempt; null while nobody has it. */
  function resolve(name: string): string | null {
    if (StepId.safeParse(name).success) {
      if (attemptOf(name) === phase.attempt)
        return admitted.has(name.slice(name.indexOf('.') + 1)) ? name : null;
      return phase.steps.some((step) => step.id === name) ? name : null;
    }
    if (admitted.has(name)) return stepId(phase.attempt, name);
    const earlier = phase.steps.filter(
      (step) => step.attempt < phase.attempt && step.id === stepId(step.attempt, name),
    );
    return earlier.sort((a, b) => b.attempt - a.attempt)[0]?.id ?? null;
  }

  function refuse(step: string, code: ErrorCode, located: LocatedFault): void {
    const fault = { ...located, step, code };
    faulty.add(step);
    faults.push(fault);
    refusals.refuse(fault);
  }

  function takeFaults(): PlanFault[] {
    const waiting = new Set(held.keys());
    const told = new Set(faulty);
    const lost = new Set<string>();
    for (const [id, { spec, missing }] of held) {
      const names = missing.filter((name) => resolve(name) === null).map(bare);
      // It comes by itself when the step it waits for is mended.
      if (names.every((name) => told.has(name) || (waiting.has(name) && !reaches(name, id)))) continue;
      const unknown = names.filter((name) => !waiting.has(name) && !told.has(name));
      const cycle = unknown.length === 0;
      lost.add(id);
      refuse(id, cycle ? 'plan_cycle' : 'unknown_step', {
        path: referencesOf(spec).found.find((each) => names.includes(bare(each.from)))?.at ?? 'after',
        expected: cycle ? 'no cycle between steps' : 'the id of a step of this plan',
        got: cycle ? `${id} depends on itself through ${names.join(', ')}` : unknown.join(', '),
        nearest: cycle ? undefined : nearestOf(unknown[0] ?? '', stepNames(id)),
      });
    }
    for (const id of lost) held.delete(id);
    const taken = faults;
    faults = [];
    refusals.nextReply();
    return taken;
  }

  /** Names that a step may refer to, its own left out. */
  function stepNames(own: string): string[] {
    const earlier = phase.steps.filter((step) => step.attempt < phase.attempt).map(({ id }) => id);
    return [...admitted, ...held.keys(), ...earlier].filter((name) => name !== own);
  }

  function refused(): RefusedStep[] {
    const waiting = [...held].map(([id, { missing }]): RefusedStep => {
      const names = missing.filter((name) => resolve(name) === null).map(bare);
      return { step: id, code: 'unknown_step', message: `it needs ${names.join(', ')}, which was refused` };
    });
    return [...refusals.list(), ...waiting];
  }

  /** Whether what `from` waits for leads to `to`. */
  function reaches(from: string, to: string, seen = new Set<string>()): boolean {
    if (seen.has(from)) return false;
    seen.add(from);
    return (held.get(from)?.missing ?? []).map(bare).some((name) => name === to || reaches(name, to, seen));
  }

  function alsoOffer(found: readonly ToolManifest[]): void {
    for (const tool of found) byName.set(tool.name, tool);
  }

  return { offer, alsoOffer, takeFaults, refused, specs: () => [...planned.values()], admitted };
}

function bare(name: string): string {
  return name.replace(/^\d+\./, '');
}

function idOf(raw: unknown): string | null {
  if (raw === null || typeof raw !== 'object' || !('id' in raw)) return null;
  return typeof raw.id === 'string' ? raw.id : null;
}
