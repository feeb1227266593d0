import { PlanyardError } from '@planyard/contracts';
import type { Price } from '../config/price.ts';
import type { Choice, RouteModel } from '../config/route.ts';
import type { Timeouts } from '../config/timeouts.ts';
import type { Provider } from '../contract.ts';
import { type AccountSet, accountSet } from '../ledger/ledger.ts';
import { type ModelName, parseModelName } from '../model-name.ts';
import { priceOf } from '../prices.ts';
import type { ModelSettings } from '../settings.ts';
import { type LimitAccount, modelLimits } from './limits.ts';
import type { Standing } from './standing.ts';

/** A model that a call may be sent to. */
export interface Target {
  /** `provider/model`. */
  id: string;
  name: ModelName;
  provider: Provider;
  /** Its place in the route; equals share one. */
  rank: number;
  weight: number;
  /** null: not known. */
  context_tokens: number | null;
  /** null: not known. */
  price: Price | null;
  /** The limits that it is under, whoever asks. */
  limits: AccountSet<LimitAccount>;
  timeouts: Timeouts;
}

/** Names whose targets are remembered: callers may invent models. */
const MOST = 1_000;

/** `targetsOf`, worked out once for all calls with the same settings and name. */
export function createTargets(): typeof targetsOf {
  let of: ModelSettings | null = null;
  const known = new Map<string, Target[]>();

  return (settings, name) => {
    if (of !== settings) known.clear();
    of = settings;
    const found = known.get(name);
    if (found) return found;
    const targets = targetsOf(settings, name);
    known.set(name, targets);
    if (known.size > MOST) known.delete(known.keys().next().value ?? '');
    return targets;
  };
}

/** What a name stands for: the models of a route, or the one of `provider/model`. Throws `unknown_model` for what is neither. */
function targetsOf(settings: ModelSettings, name: string): Target[] {
  const route = settings.routes[name];
  if (!route) return [targetOf(settings, { model: name, weight: 1 }, 0)];
  return route.models.flatMap((equals, rank) => equals.map((each) => targetOf(settings, each, rank)));
}

function targetOf(
  settings: ModelSettings,
  { model: id, weight, context_tokens }: RouteModel,
  rank: number,
): Target {
  const slash = id.indexOf('/');
  const provider = settings.providers.find((each) => each.name === id.slice(0, Math.max(slash, 0)));
  if (!provider || slash === id.length - 1) throw unknownModel(settings, id);
  const name = parseModelName(id);
  const price = priceOf(settings.prices, name);
  return {
    id,
    name,
    provider,
    rank,
    weight,
    context_tokens: context_tokens ?? price?.context_tokens ?? null,
    price,
    limits: accountSet(modelLimits(settings.limits, name)),
    timeouts: { ...settings.timeouts, ...settings.provider_timeouts[name.provider] },
  };
}

function unknownModel(settings: ModelSettings, id: string): PlanyardError {
  const routes = Object.keys(settings.routes);
  const providers = settings.providers.map((each) => `${each.name}/…`);
  const known = [...routes, ...providers];
  return new PlanyardError('unknown_model', `there is no model ${id}; ${knownNames(known)}`);
}

/** What there is in place of a name that is not. */
export function knownNames(names: string[]): string {
  return names.length === 0
    ? 'no provider is configured: `planyard doctor` says what to set'
    : `there are: ${names.join(', ')}`;
}

/** The order in which targets are to be tried: by rank, and among equals by choice, as things stand now. */
export function inOrder(
  targets: Target[],
  choose: Choice,
  standing: Standing,
  random: () => number,
): Target[] {
  const ranks = [...new Set(targets.map((target) => target.rank))].toSorted((a, b) => a - b);
  return ranks.flatMap((rank) => {
    const equals = targets.filter((target) => target.rank === rank);
    return equals.length === 1 ? equals : chosen(equals, choose, standing, random);
  });
}

function chosen(equals: Target[], choose: Choice, standing: Standing, random: () => number): Target[] {
  const drawn = byWeight(equals, random);
  switch (choose) {
    case 'weight':
      return drawn;
    case 'least_in_flight':
      return sorted(drawn, (each) => standing.inFlight(each.id) / each.weight);
    case 'lowest_latency':
      // One that was not asked yet has no latency: it goes first, so that it gets one.
      return sorted(drawn, (each) => standing.latencyMs(each.id) ?? 0);
  }
}

/** Weighted random order (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006). */
function byWeight(equals: Target[], random: () => number): Target[] {
  const drawn = new Map(equals.map((each) => [each, random() ** (1 / each.weight)]));
  return sorted(equals, (each) => -(drawn.get(each) ?? 0));
}

function sorted<T>(items: T[], rank: (item: T) => number): T[] {
  return items.toSorted((a, b) => rank(a) - rank(b));
}
