import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { PlanStep } from '@planyard/contracts';

/** What a model of today takes until its first token, and for each further one. */
const FIRST_TOKEN_MS = 400;
const TOKENS_PER_S = 60;
/** Characters of a token, about. */
const CHARS = 4;

/** What the model plans for a question, and how it tells it. */
export interface Script {
  steps: (Pick<PlanStep, 'id' | 'tool' | 'args'> & { purpose?: string; after?: string[] })[];
  /** The whole plan comes at once, at the time of its last token: nothing can start before the plan is sealed. */
  at_once?: boolean;
}

export interface PacedModel {
  /** What clients of OpenAI's protocol take as base URL. */
  url: string;
  /** Plans this for questions that hold the key. */
  scripts: Map<string, Script>;
  /** When the last byte of each step left, in milliseconds since the epoch, by the key of its question and its id. */
  told: Map<string, number>;
  close(): Promise<void>;
}

/** A server of OpenAI's protocol that speaks as fast as a model does. */
export async function startPacedModel(): Promise<PacedModel> {
  const scripts = new Map<string, Script>();
  const told = new Map<string, number>();
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') response.end(JSON.stringify({ object: 'list', data: [] }));
      else answer(Buffer.concat(chunks).toString(), response).catch(() => response.destroy());
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');

  async function answer(body: string, response: ServerResponse): Promise<void> {
    const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] };
    const system = messages[0]?.content ?? '';
    const question = messages.at(-1)?.content ?? '';
    const key = [...scripts.keys()].find((each) => question.includes(each)) ?? '';
    const script = scripts.get(key);
    const plans = system.startsWith('You plan');
    const text = plans && script ? planOf(script) : 'All of them are fine, as far as the results tell [1.a].';
    const ends = plans && script ? endsOf(script) : [];
    const tokens = Math.ceil(text.length / CHARS);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const began = Date.now();
    let sent = 0;
    while (sent < text.length) {
      // By the clock: a timer that is late must not make the model slower.
      const due = began + FIRST_TOKEN_MS;
      if (Date.now() < due) await wait(due - Date.now());
      const ready = Math.floor(((Date.now() - due) / 1000) * TOKENS_PER_S * CHARS) + CHARS;
      if (script?.at_once && plans ? ready >= text.length : ready > sent) {
        const piece = text.slice(sent, Math.min(ready, text.length));
        response.write(chunkOf({ content: piece }));
        sent += piece.length;
        for (const { id, at } of ends)
          if (at <= sent && !told.has(`${key}/${id}`)) told.set(`${key}/${id}`, Date.now());
      }
      if (sent < text.length) await wait(1000 / TOKENS_PER_S);
    }
    response.write(chunkOf({}, 'stop'));
    response.write(usageOf(Math.ceil(body.length / CHARS), tokens));
    response.end('data: [DONE]\n\n');
  }

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    scripts,
    told,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

const HEAD = '{"intent": "the state of all things", "steps": [\n';

function planOf({ steps }: Script): string {
  return `${HEAD}${steps.map((step) => JSON.stringify(step)).join(',\n')}\n]}`;
}

/** Where each step is whole in the text. */
function endsOf({ steps }: Script): { id: string; at: number }[] {
  let at = HEAD.length;
  return steps.map((step) => {
    const end = at + JSON.stringify(step).length;
    at = end + 2;
    return { id: step.id, at: end };
  });
}

const FRAME = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'paced' };

function chunkOf(delta: object, finish: string | null = null): string {
  return data({ ...FRAME, choices: [{ index: 0, delta, finish_reason: finish }], usage: null });
}

function usageOf(prompt_tokens: number, completion_tokens: number): string {
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  return data({ ...FRAME, choices: [], usage });
}

function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
