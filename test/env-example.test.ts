import { readFileSync } from 'node:fs';
import { configSchema as gateway } from '@planyard/gateway';
import { configSchema as planner } from '@planyard/planner';
import { configSchema as results } from '@planyard/results';
import { configSchema as toolWorker } from '@planyard/tool-worker';
import { expect, it } from 'vitest';

const services = { gateway, planner, results, toolWorker };
/** Read by the command, which has no schema. */
const ofTheCommand = ['PLANYARD_URL', 'PLANYARD_API_KEY'];
/** Differ from service to service, or are paths of this machine. */
const withoutOneDefault = ['METRICS_PORT', 'DATABASE_POOL_SIZE', 'PLANYARD_PROMPTS'];

const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
const lines = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => ({
  name,
  value,
}));

it('.env.example names every setting of every service, once, and no other', () => {
  const settings = Object.values(services).flatMap((schema) => Object.keys(schema.shape));
  const wanted = [...new Set([...settings, ...ofTheCommand])].sort();
  expect(lines.map(({ name }) => name).sort()).toEqual(wanted);
});

it.each(Object.entries(services))('.env.example shows the defaults of the %s', (_service, schema) => {
  const required = { REDIS_URL: 'redis://localhost', DATABASE_URL: 'postgres://localhost/x' };
  const defaults: Record<string, unknown> = schema.parse(required);
  const shown = lines.filter(({ name }) => name in schema.shape && !withoutOneDefault.includes(name));
  for (const { name, value } of shown) {
    if (name in required) continue;
    const parsed: Record<string, unknown> = schema.parse(
      value === '' ? required : { ...required, [name]: value },
    );
    expect({ [name]: parsed[name] }).toEqual({ [name]: defaults[name] });
  }
});
