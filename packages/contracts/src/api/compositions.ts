import { z } from 'zod';
import { Budget } from '../budget.ts';
import { Composition, CompositionName } from '../composition.ts';
import { JsonObject } from '../json.ts';
import { RunOptions, Tags } from '../run.ts';
import { pageOf } from './page.ts';

export const CompositionParams = z.object({ name: CompositionName });

export const CompositionListItem = Composition.extend({
  available: z.boolean().meta({ description: 'Live workers offer all of its tools' }),
}).meta({ id: 'CompositionListItem' });
export type CompositionListItem = z.infer<typeof CompositionListItem>;
export const CompositionPage = pageOf(CompositionListItem).meta({ id: 'CompositionPage' });

/** `POST /v1/compositions/{name}/run`. */
export const RunCompositionRequest = z
  .strictObject({
    parameters: JsonObject.default({}),
    budget: Budget.optional(),
    options: RunOptions.partial().optional(),
    tags: Tags.optional(),
  })
  .meta({ id: 'RunCompositionRequest' });
export type RunCompositionRequest = z.input<typeof RunCompositionRequest>;
