import { type ModelListItem, PlanyardError } from '@planyard/contracts';
import type { ModelSettings, Models, Provider } from '@planyard/llm';
import type { PromptRegistry } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';
import { requireScope } from '../auth/principal.ts';
import type { Endpoint } from './openai-api.ts';
import { sendJson } from './reply.ts';

export interface ModelListDeps {
  models: Models;
  prompts: Pick<PromptRegistry, 'agents' | 'blueprints'>;
  settings: () => ModelSettings;
  log: Logger;
  now: () => number;
}

/** Milliseconds for a provider to name its models, and how long what it said is remembered. */
const patienceMs = 5_000;
const rememberedMs = 60_000;

export function modelList(deps: ModelListDeps): Endpoint[] {
  const known = new Map<Provider, { names: string[]; until: number }>();

  /** A provider that does not answer is listed by what it offered last. */
  async function namesOf(provider: Provider): Promise<string[]> {
    const remembered = known.get(provider);
    if (remembered && remembered.until > deps.now()) return remembered.names;
    let names = remembered?.names ?? [];
    try {
      names = await provider.models(AbortSignal.timeout(patienceMs));
    } catch (error) {
      deps.log.warn({ err: error, provider: provider.name }, 'a provider does not list its models');
    }
    known.set(provider, { names, until: deps.now() + rememberedMs });
    return names;
  }

  async function list(): Promise<ModelListItem[]> {
    const { providers, routes } = deps.settings();
    const states = deps.models.breakerStates();
    const offered = await Promise.all(
      providers.map(async (provider) => (await namesOf(provider)).map((name) => `${provider.name}/${name}`)),
    );
    const routed = Object.values(routes).flatMap((route) => route.models.flat().map(({ model }) => model));
    // A provider that is down does not list its models, and some list none: what is asked of them is here all the same.
    const ill = Object.keys(states).filter((id) => states[id] !== 'closed');
    const ids = new Set([...offered.flat(), ...routed, ...ill]);
    const models = [...ids].map((id) =>
      item(id, id.slice(0, id.indexOf('/')), { kind: 'model', breaker: states[id] ?? 'closed' }),
    );
    const named = Object.entries(routes).map(([id, route]) =>
      item(id, 'planyard', { kind: 'route', models: route.models.flat().map(({ model }) => model) }),
    );
    const whole = [...deps.prompts.agents(), ...deps.prompts.blueprints()].map(({ name }) =>
      item(`planyard/${name}`, 'planyard', { kind: 'run' }),
    );
    return [item('planyard', 'planyard', { kind: 'run' }), ...whole, ...named, ...models];
  }

  return [
    {
      method: 'GET',
      path: '/v1/models',
      async answer(exchange) {
        requireScope(exchange.principal, 'models:call');
        sendJson(exchange, { object: 'list', data: await list() });
      },
    },
    {
      method: 'GET',
      path: '/v1/models/{id}',
      async answer(exchange) {
        requireScope(exchange.principal, 'models:call');
        const { rest: id } = exchange;
        const found = (await list()).find((each) => each.id === id);
        if (!found) throw new PlanyardError('unknown_model', `There is no model ${id}`);
        sendJson(exchange, found);
      },
    },
  ];
}

function item(id: string, owner: string, planyard: ModelListItem['planyard']): ModelListItem {
  return { id, object: 'model', created: 0, owned_by: owner, planyard };
}
