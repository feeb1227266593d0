import {
  COLLECT_TOOL,
  COMPOSITION_TYPE,
  type Composition,
  type JsonObject,
  LONGEST_STEP_MS,
  ToolManifest,
} from '@planyard/contracts';
import { z } from 'zod';
import { primaryOf } from './composition.ts';
import { parametersSchema } from './parameters.ts';

/** A composition as a planner may plan it: one tool. */
export interface CompositionTool {
  composition: Composition;
  manifest: ToolManifest;
}

/** What it tells of its steps beside what they gave (`CompositionTrace`), in the few words that a digest has room for. */
const TRACE: JsonObject = {
  execution_trace: {
    type: 'array',
    items: { type: 'object', properties: { step: { type: 'string' }, status: { type: 'string' } } },
  },
  metadata: {
    type: 'object',
    properties: {
      total_time_ms: { type: 'number' },
      steps_completed: { type: 'integer' },
      errors: { type: 'array', items: { type: 'object' } },
    },
  },
};

/** Those compositions whose tools are all on offer, each as one tool. */
export function compositionTools(
  compositions: readonly Composition[],
  offered: readonly ToolManifest[],
): CompositionTool[] {
  const byName = new Map(offered.map((tool) => [tool.name, tool]));
  return compositions
    .filter((composition) => toolsOf(composition).every((name) => byName.has(name)))
    .map((composition) => ({ composition, manifest: manifestOf(composition, byName) }));
}

/** What a planner may plan: the tools on offer, without the one that gathers results, and the compositions. */
export function plannableTools(
  offered: readonly ToolManifest[],
  composed: readonly CompositionTool[],
): ToolManifest[] {
  return [
    ...offered.filter(({ name }) => name !== COLLECT_TOOL),
    ...composed.map(({ manifest }) => manifest),
  ];
}

/** Every tool that a composition needs: those that its steps may call, and the one that gathers what they gave. */
export function toolsOf(composition: Composition): string[] {
  return [...callsOf(composition), COLLECT_TOOL];
}

function callsOf({ steps }: Composition): string[] {
  return steps.flatMap(({ tool, fallback }) => [tool, ...(fallback ? [fallback.tool] : [])]);
}

function manifestOf(composition: Composition, byName: ReadonlyMap<string, ToolManifest>): ToolManifest {
  const members = callsOf(composition).map((name) => byName.get(name) as ToolManifest);
  const primary = primaryOf(composition);
  const resultOf = (id: string): JsonObject => {
    const step = composition.steps.find((each) => each.id === id);
    // With a fallback the result may be that of either.
    return step?.fallback ? {} : (byName.get(step?.tool ?? '')?.output_schema ?? {});
  };
  const others = composition.steps.map(({ id }) => id).filter((id) => id !== primary);
  const { $schema: _, ...input } = z.toJSONSchema(parametersSchema(composition.parameters), { io: 'input' });
  return ToolManifest.parse({
    name: `${COMPOSITION_TYPE}.${composition.name}`,
    description: composition.description,
    input_schema: JSON.parse(JSON.stringify(input)),
    output_schema: {
      type: 'object',
      properties: {
        primary: resultOf(primary),
        enriched: {
          type: 'object',
          properties: Object.fromEntries(others.map((id) => [id, resultOf(id)])),
          additionalProperties: false,
        },
        ...TRACE,
      },
      additionalProperties: false,
    },
    effects: members.some(({ effects }) => effects === 'write') ? 'write' : 'read',
    idempotent: members.every(({ idempotent }) => idempotent),
    needs_approval: members.some(({ needs_approval }) => needs_approval),
    timeout_ms: Math.min(
      LONGEST_STEP_MS,
      members.reduce((sum, { timeout_ms }) => sum + timeout_ms, 0),
    ),
    cost_usd: members.reduce((sum, { cost_usd }) => sum + cost_usd, 0),
    profile: {
      accuracy: Math.min(...members.map(({ profile }) => profile.accuracy)),
      complexity: 'high',
    },
  });
}
