import type { ExaminedModels } from '@planyard/llm';
import type { Env } from '../config-env.ts';
import type { Finding } from './finding.ts';

/** Whether `planyard.yaml` of this directory holds, each provider of it and of the environment answers, and each configured model is to be had: as a service started here would find it. */
export async function checkModels(env: Env, cwd: string, fetch = globalThis.fetch): Promise<Finding[]> {
  // Loaded for this command alone: it brings the providers' clients.
  const { examineModels } = await import('@planyard/llm');
  const { config, faults, providers, missing } = await examineModels({
    env,
    secrets: env,
    directory: cwd,
    fetch,
  });
  const findings: Finding[] = faults.map(({ path, message }) => ({
    name: 'Model configuration',
    state: 'bad',
    detail: `${config}: ${path}: ${message}`,
    fix: 'Correct it there: planyard.example.yaml shows every setting, docs/models.md says what they mean.',
  }));
  if (faults.length > 0) return findings;
  if (config !== null) findings.push({ name: 'Model configuration', state: 'ok', detail: config });
  findings.push(...providers.map(findingOf));
  for (const each of missing)
    findings.push({
      name: 'Model',
      state: 'bad',
      detail: each,
      fix: 'Correct its name in planyard.yaml or PLANYARD_MODEL, or make it available at the provider.',
    });
  if (providers.length > 0) return findings;
  return [
    ...findings,
    {
      name: 'Models',
      state: 'note',
      detail: 'no provider: questions are planned by rules',
      fix: 'Set OPENAI_API_KEY, ANTHROPIC_API_KEY, PLANYARD_BEDROCK_REGION, OPENROUTER_API_KEY, VLLM_BASE_URL or OPENAI_BASE_URL, name providers in planyard.yaml, or start Ollama with a model: ollama pull qwen3',
    },
  ];
}

function findingOf({ name, source, models, error }: ExaminedModels['providers'][number]): Finding {
  const about = { name: `Model provider ${name}` };
  if (error === null)
    return models === 0
      ? {
          ...about,
          state: 'note',
          detail: `${source}: it has no model`,
          fix: 'Give it one; Ollama: ollama pull qwen3',
        }
      : { ...about, state: 'ok', detail: `${source}: it answers and has ${models} models` };
  return { ...about, state: 'bad', detail: `${source}: ${error.message}`, fix: fixOf(error.kind, source) };
}

function fixOf(
  kind: NonNullable<ExaminedModels['providers'][number]['error']>['kind'],
  source: string,
): string {
  if (kind === 'auth') return `Correct the key that ${source} names.`;
  if (kind === 'model_not_found') return `Check the base URL of ${source}: it usually ends in /v1.`;
  return `Check the network and ${source}.`;
}
