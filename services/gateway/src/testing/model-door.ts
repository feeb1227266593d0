import { type ModelServer, type Reply, startModelServer } from '@planyard/llm/testing';
import { openGateway } from './open-gateway.ts';

/** A gateway in front of a scripted upstream, the way clients of the OpenAI-compatible API meet it. */
export async function openModelDoor(redisUrl: string, env: Record<string, string> = {}) {
  const upstream: ModelServer = await startModelServer([], ['gpt-5-mini', 'text-embedding-3-small']);
  const gateway = await openGateway(redisUrl, {
    OPENAI_BASE_URL: upstream.url,
    OPENAI_API_KEY: 'sk-upstream-secret',
    ...env,
  });
  return {
    gateway,
    upstream,
    baseURL: `${gateway.url}/v1`,
    apiKey: await gateway.key(['models:call', 'runs:write']),
    /** The upstream answers with these in turn, the last one again and again. */
    play: (...replies: Reply[]) => upstream.script([{ when: () => true, replies }]),
    async close() {
      await gateway.close();
      await upstream.close();
    },
  };
}

export type ModelDoor = Awaited<ReturnType<typeof openModelDoor>>;
