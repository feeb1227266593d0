import type { Env } from '../config-env.ts';
import type { Finding } from './finding.ts';

interface Candidate {
  name: string;
  /** Lists models; the cheapest call that needs the key. */
  models: string;
  headers: Record<string, string>;
  source: string;
}

/** Whether each model provider of the environment answers with its key, and whether an Ollama runs here. */
export async function checkProviders(env: Env, fetch = globalThis.fetch): Promise<Finding[]> {
  const findings = await Promise.all(candidates(env).map((candidate) => checkProvider(candidate, fetch)));
  for (const finding of await Promise.all([checkBedrock(env, fetch), checkOllama(env, fetch)]))
    if (finding) findings.push(finding);
  if (findings.length > 0) return findings;
  return [
    {
      name: 'Models',
      state: 'note',
      detail: 'no provider: questions are planned by rules',
      fix: 'Set OPENAI_API_KEY, ANTHROPIC_API_KEY, PLANYARD_BEDROCK_REGION, OPENROUTER_API_KEY, VLLM_BASE_URL or OPENAI_BASE_URL, or start Ollama with a model: ollama pull qwen3',
    },
  ];
}

function candidates(env: Env): Candidate[] {
  const list: Candidate[] = [];
  if (env.OPENAI_API_KEY || env.OPENAI_BASE_URL)
    list.push({
      name: 'openai',
      models: modelsOf(env.OPENAI_BASE_URL || 'https://api.openai.com/v1'),
      headers: bearer(env.OPENAI_API_KEY),
      source: env.OPENAI_API_KEY ? 'OPENAI_API_KEY' : 'OPENAI_BASE_URL',
    });
  if (env.OPENROUTER_API_KEY)
    list.push({
      name: 'openrouter',
      models: modelsOf(env.OPENROUTER_BASE_URL || 'https://openrouter.ai/api/v1'),
      headers: bearer(env.OPENROUTER_API_KEY),
      source: 'OPENROUTER_API_KEY',
    });
  if (env.VLLM_BASE_URL)
    list.push({
      name: 'vllm',
      models: modelsOf(env.VLLM_BASE_URL),
      headers: bearer(env.VLLM_API_KEY),
      source: 'VLLM_BASE_URL',
    });
  if (env.ANTHROPIC_API_KEY)
    list.push({
      name: 'anthropic',
      models: modelsOf(`${env.ANTHROPIC_BASE_URL || 'https://api.anthropic.com'}/v1`),
      headers: { ...bearer(env.ANTHROPIC_API_KEY), 'anthropic-version': '2026-10-21' },
      source: 'ANTHROPIC_API_KEY',
    });
  return list;
}

function bearer(key: string | undefined): Record<string, string> {
  return key ? { authorization: `Bearer ${key}` } : {};
}

function modelsOf(baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/models`;
}

async function checkProvider(candidate: Candidate, fetch: typeof globalThis.fetch): Promise<Finding> {
  const name = `Model provider ${candidate.name}`;
  try {
    const response = await fetch(candidate.models, {
      headers: candidate.headers,
      signal: AbortSignal.timeout(5_000),
    });
    await response.body?.cancel();
    if (response.ok) return { name, state: 'ok', detail: `${new URL(candidate.models).host} answers` };
    const refused = response.status === 401 || response.status === 403;
    return {
      name,
      state: 'bad',
      detail: `${new URL(candidate.models).host} answers ${response.status}`,
      fix: refused
        ? `Correct the key in ${candidate.source}.`
        : 'Check the base URL: it usually ends in /v1.',
    };
  } catch (error) {
    return {
      name,
      state: 'bad',
      detail: `${candidate.models}: ${error instanceof Error ? error.message : String(error)}`,
      fix: `Check the network and ${candidate.source}.`,
    };
  }
}

/** Whether Bedrock is there in that region; credentials are its SDK's to find, which the command does not carry. */
async function checkBedrock(env: Env, fetch: typeof globalThis.fetch): Promise<Finding | null> {
  const region = env.PLANYARD_BEDROCK_REGION;
  if (!region) return null;
  const name = 'Model provider bedrock';
  const url = env.PLANYARD_BEDROCK_ENDPOINT || `https://bedrock.${region}.amazonaws.com`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return {
      name,
      state: 'ok',
      detail: `${new URL(url).host} answers; the first call tries the credentials`,
    };
  } catch (error) {
    return {
      name,
      state: 'bad',
      detail: `${url}: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'Check the network and the region in PLANYARD_BEDROCK_REGION.',
    };
  }
}

async function checkOllama(env: Env, fetch: typeof globalThis.fetch): Promise<Finding | null> {
  const base = (env.OLLAMA_BASE_URL || 'http://localhost:11434').replace(/\/+$/, '');
  const name = 'Model provider ollama';
  try {
    const response = await fetch(`${base}/api/tags`, { signal: AbortSignal.timeout(1_500) });
    const { models = [] } = (await response.json()) as { models?: unknown[] };
    if (models.length > 0) return { name, state: 'ok', detail: `${base} has ${models.length} models` };
    return { name, state: 'note', detail: `${base} has no model`, fix: 'ollama pull qwen3' };
  } catch {
    if (!env.OLLAMA_BASE_URL) return null;
    return {
      name,
      state: 'bad',
      detail: `${base} does not answer`,
      fix: 'Start Ollama, or correct OLLAMA_BASE_URL.',
    };
  }
}
