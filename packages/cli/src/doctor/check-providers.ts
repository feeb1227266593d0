import type { Env } from '../config-env.ts';
import type { Finding } from './finding.ts';

interface Candidate {
  name: string;
  /** Lists models; the cheapest call that needs the key. */
  models: string;
  key: string | undefined;
  source: string;
}

/** Whether each model provider of the environment answers with its key, and whether an Ollama runs here. */
export async function checkProviders(env: Env, fetch = globalThis.fetch): Promise<Finding[]> {
  const findings = await Promise.all(candidates(env).map((candidate) => checkProvider(candidate, fetch)));
  const ollama = await checkOllama(env, fetch);
  if (ollama) findings.push(ollama);
  if (findings.length > 0) return findings;
  return [
    {
      name: 'Models',
      state: 'note',
      detail: 'no provider: questions are planned by rules',
      fix: 'Set OPENAI_API_KEY, OPENROUTER_API_KEY, VLLM_BASE_URL or OPENAI_BASE_URL, or start Ollama with a model: ollama pull qwen3',
    },
  ];
}

function candidates(env: Env): Candidate[] {
  const list: Candidate[] = [];
  if (env.OPENAI_API_KEY || env.OPENAI_BASE_URL)
    list.push({
      name: 'openai',
      models: modelsOf(env.OPENAI_BASE_URL || 'https://api.openai.com/v1'),
      key: env.OPENAI_API_KEY,
      source: env.OPENAI_API_KEY ? 'OPENAI_API_KEY' : 'OPENAI_BASE_URL',
    });
  if (env.OPENROUTER_API_KEY)
    list.push({
      name: 'openrouter',
      models: modelsOf(env.OPENROUTER_BASE_URL || 'https://openrouter.ai/api/v1'),
      key: env.OPENROUTER_API_KEY,
      source: 'OPENROUTER_API_KEY',
    });
  if (env.VLLM_BASE_URL)
    list.push({
      name: 'vllm',
      models: modelsOf(env.VLLM_BASE_URL),
      key: env.VLLM_API_KEY,
      source: 'VLLM_BASE_URL',
    });
  return list;
}

function modelsOf(baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/models`;
}

async function checkProvider(candidate: Candidate, fetch: typeof globalThis.fetch): Promise<Finding> {
  const name = `Model provider ${candidate.name}`;
  const headers: Record<string, string> = candidate.key ? { authorization: `Bearer ${candidate.key}` } : {};
  try {
    const response = await fetch(candidate.models, { headers, signal: AbortSignal.timeout(5_000) });
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
