import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '@planyard/contracts';
import { keyOf, type LlmRedis } from '../../redis/connection.ts';

/** A question that may be answered by what another was: alone what it says differs between them. */
export interface Question {
  text: string;
  /** Tenant, model and all else of the request. */
  scope: string;
}

/** What of a request tells whether it is a question, in our words or in OpenAI's. */
interface Asked {
  messages: { role: string; content?: unknown; given?: JsonObject }[];
  tools?: unknown;
  /** Tools in their old form. */
  functions?: unknown;
  extra?: JsonObject;
  [field: string]: unknown;
}

/** null for a request whose last word is not the user's text, or that has tools: what it is about lies elsewhere. */
export function questionOf(tenant: string, model: string, request: Asked): Question | null {
  const { messages, tools, functions, extra } = request;
  const last = messages.at(-1);
  const text = textOf(last?.content);
  if (last?.role !== 'user' || text === null) return null;
  if ([tools, functions, extra?.functions].some((given) => Array.isArray(given) && given.length > 0))
    return null;
  const wordless = { ...last, ...last.given, given: null, content: null };
  const rest = { ...request, messages: [...messages.slice(0, -1), wordless] };
  const scope = createHash('sha256')
    .update(canonicalJson([tenant, model, JSON.parse(JSON.stringify(rest))]))
    .digest('hex');
  return { text, scope };
}

/** A text, whole or in parts; null for what holds anything else. */
function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  const texts = content.map((part) => (part?.type === 'text' ? part.text : null));
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : null;
}

/** The questions of each scope with their vectors and the keys of their replies, in Redis. */
export interface SimilarQuestions {
  /** The keys of replies to questions at least that close, closest first. */
  find(scope: string, vector: number[], threshold: number): Promise<string[]>;
  add(scope: string, vector: number[], key: string): Promise<void>;
}

export function createSimilarQuestions(
  deps: LlmRedis,
  limits: { ttlMs: number; maxQuestions: number },
): SimilarQuestions {
  const listOf = (scope: string) => keyOf(deps, 'similar', scope);
  return {
    async find(scope, vector, threshold) {
      const entries = await deps.redis.lrangeBuffer(listOf(scope), 0, -1);
      const wanted = unit(vector);
      return entries
        .map((entry) => decode(entry))
        .map(({ key, vector: other }) => ({ key, cosine: dot(wanted, other) }))
        .filter(({ cosine }) => cosine >= threshold)
        .toSorted((a, b) => b.cosine - a.cosine)
        .map(({ key }) => key);
    },
    async add(scope, vector, key) {
      await deps.redis
        .multi()
        .lpush(listOf(scope), encode(key, unit(vector)))
        .ltrim(listOf(scope), 0, limits.maxQuestions - 1)
        .pexpire(listOf(scope), limits.ttlMs)
        .exec();
    },
  };
}

const KEY_BYTES = 64;

/** The reply's key, 64 hexadecimal digits, then 32-bit floats. */
function encode(key: string, vector: Float32Array): Buffer {
  return Buffer.concat([Buffer.from(key, 'latin1'), Buffer.from(vector.buffer)]);
}

function decode(entry: Buffer): { key: string; vector: Float32Array } {
  const floats = Uint8Array.from(entry.subarray(KEY_BYTES)).buffer;
  return { key: entry.toString('latin1', 0, KEY_BYTES), vector: new Float32Array(floats) };
}

function unit(vector: number[]): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (value) => value / length);
}

function dot(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) return 0;
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
