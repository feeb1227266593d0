import { COLLECT_TOOL, Composition, type ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { toolNamed } from '../testing/tool-named.ts';
import { plannableIn } from './acting-agent.ts';
import { chooseAgent } from './choose-agent.ts';

test('an agent whose tools are compositions fits by them, where the tool that gathers their results is on offer', async () => {
  const search = toolNamed('ci.search');
  const collect = toolNamed(COLLECT_TOOL);
  const look = Composition.parse({
    name: 'look',
    description: 'Looks.',
    steps: [{ id: 'a', tool: 'ci.search' }],
  });
  const agents = [
    { name: 'looker', tools: ['composition.*'], routed: true },
    { name: 'general', tools: ['composition.look'], routed: true },
  ];
  const deps = {
    prompts: { agents: () => agents, blueprints: () => [] },
    compositions: { list: () => [look] },
  };
  const phase = { agent: null, record: { request: { options: { compositions: true } } } };
  // No model: the only one that fits is not asked for.
  const [model, conversation] = [null, []];
  const among = (...offered: ToolManifest[]) => {
    const args = [phase, model, offered, conversation, deps] as unknown as Parameters<typeof chooseAgent>;
    return chooseAgent(...args);
  };
  expect(await among(search, collect)).toMatchObject({ kind: 'agent', agent: { name: 'looker' } });
  expect(plannableIn(phase as never, [search], deps as never)).toEqual({
    composable: [],
    plannable: [search],
  });
});
