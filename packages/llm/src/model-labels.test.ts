import { expect, test } from 'vitest';
import { Route } from './config/route.ts';
import { createModelLabels } from './model-labels.ts';
import { modelSettings } from './settings.ts';

test('invented names share a label once there are many; what is configured or priced keeps its own', () => {
  const settings = modelSettings({
    providers: [],
    routes: { usual: Route.parse({ models: ['one/mine'] }) },
    prices: { as_of: '2026-01-01', prices: { 'one/priced': { input: 1, output: 1 } } },
  });
  const labels = createModelLabels(() => settings, 2);
  const of = (model: string) => labels.of({ provider: 'one', model }, { agent: null }).model;
  expect(['a', 'b', 'c', 'd', 'a'].map(of)).toEqual(['a', 'b', 'other', 'other', 'a']);
  expect(['mine', 'priced'].map(of)).toEqual(['mine', 'priced']);
  expect([labels.asked('usual'), labels.asked('one/e')]).toEqual(['usual', 'other']);
});
