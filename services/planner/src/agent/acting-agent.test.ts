import { expect, test } from 'vitest';
import { agentNamed } from './acting-agent.ts';

const general = {
  name: 'general',
  tools: ['*'],
  knowledge: ['*'],
  models: { plan: 'careful' },
} as unknown as ReturnType<typeof agentNamed>;

function named(name: string | null) {
  const warned: object[] = [];
  const deps = { prompts: { agents: () => [general] }, log: { warn: (about: object) => warned.push(about) } };
  return { agent: agentNamed(name, deps as unknown as Parameters<typeof agentNamed>[1]), warned };
}

test('an agent that is gone keeps its name and has no rights: not those of the fallback', () => {
  const { agent, warned } = named('docs');
  expect(agent).toMatchObject({ name: 'docs', tools: [], knowledge: [], models: {} });
  expect(warned).toEqual([{ agent: 'docs' }]);
});

test('where none is named the fallback acts', () => {
  expect(named(null)).toEqual({ agent: general, warned: [] });
});
