import { Composition } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { toolNamed } from '../testing/tool-named.ts';
import { chooseAgent } from './choose-agent.ts';

test('an agent whose tools are compositions fits by them', async () => {
  const search = toolNamed('ci.search');
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
  const args = [phase, model, [search], conversation, deps] as unknown as Parameters<typeof chooseAgent>;
  expect(await chooseAgent(...args)).toMatchObject({ kind: 'agent', agent: { name: 'looker' } });
});
