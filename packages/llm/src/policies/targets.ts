import { PlanyardError } from '@planyard/contracts';
import type { Choice, RouteModel } from '../config/route.ts';
import type { Provider } from '../contract.ts';
import { type ModelName, parseModelName } from '../model-name.ts';
import type { ModelSettings } from '../settings.ts';
import type { Standing } from './standing.ts';

/** A model that a call may be sent to. */
export interface Target {
  /** `provider/model`. */
  id: string;
  name: ModelName;
  provider: Provider;
  /** null: not known. */
  context_tokens: number | null;
}

/**
 * What a name stands for, in the order in which it is to be tried: the models of a route, among equals by its choice, or
 * the one model of `provider/model`. Throws `unknown_model` for what is neither.
 */
export function targetsOf(
  settings: ModelSettings,
  name: string,
  standing: Standing,
  random: () => number,
): Target[] {
  const route = settings.routes[name];
  if (!route) return [targetOf(settings, { model: name, weight: 1 })];
  return route.models
    .flatMap((equals) => inOrder(equals, route.choose, standing, random))
    .map((each) => targetOf(settings, each));
}

function targetOf(settings: ModelSettings, { model: id, context_tokens }: RouteModel): Target {
  const slash = id.indexOf('/');
  const provider = settings.providers.find((each) => each.name === id.slice(0, Math.max(slash, 0)));
  if (!provider || slash === id.length - 1) throw unknownModel(settings, id);
  const name = parseModelName(id);
  return { id, name, provider, context_tokens: context_tokens ?? null };
}

function unknownModel(settings: ModelSettings, id: string): PlanyardError {
  const routes = Object.keys(settings.routes);
  const providers = settings.providers.map((each) => `${each.name}/…`);
  const known = [...routes, ...providers];
  return new PlanyardError(
    'unknown_model',
    `there is no model ${id}; there ${known.length === 0 ? 'is none' : `are: ${known.join(', ')}`}`,
  );
}

function inOrder(
  equals: RouteModel[],
  choose: Choice,
  standing: Standing,
  random: () => number,
): RouteModel[] {
  if (equals.length === 1) return equals;
  switch (choose) {
    case 'weight':
      return byWeight(equals, random);
    case 'least_in_flight':
      return sorted(byWeight(equals, random), (each) => standing.inFlight(each.model) / each.weight);
    case 'lowest_latency':
      // One that was not asked yet has no latency: it goes first, so that it gets one.
      return sorted(byWeight(equals, random), (each) => standing.latencyMs(each.model) ?? 0);
  }
}

/** Weighted random order (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006). */
function byWeight(equals: RouteModel[], random: () => number): RouteModel[] {
  const drawn = new Map(equals.map((each) => [each, random() ** (1 / each.weight)]));
  return sorted(equals, (each) => -(drawn.get(each) ?? 0));
}

function sorted<T>(items: T[], rank: (item: T) => number): T[] {
  return items.toSorted((a, b) => rank(a) - rank(b));
}
