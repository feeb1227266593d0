import { Composition, PlanyardError } from '@planyard/contracts';
import { z } from 'zod';

export type CompositionDefinition = z.input<typeof Composition>;

/** A composition with its defaults filled in, to be exported as `composition`. Throws `invalid_config` for one that is malformed. */
export function defineComposition(definition: CompositionDefinition): Composition {
  const parsed = Composition.safeParse(definition);
  if (!parsed.success)
    throw new PlanyardError(
      'invalid_config',
      `composition ${definition.name}: ${z.prettifyError(parsed.error)}`,
    );
  return parsed.data;
}
