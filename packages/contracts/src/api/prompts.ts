import { z } from 'zod';
import { pageOf } from './page.ts';

const VersionInfo = z.object({ id: z.string(), date: z.iso.date() });

/** A prompt without its texts. */
export const PromptListItem = z
  .object({
    name: z.string(),
    description: z.string(),
    variables: z.record(
      z.string(),
      z.object({ type: z.enum(['string', 'number', 'boolean', 'list']), description: z.string() }),
    ),
    current: z.string().meta({ description: 'The version that runs use unless they pin another' }),
    versions: z.array(VersionInfo),
  })
  .meta({ id: 'PromptListItem' });
export type PromptListItem = z.infer<typeof PromptListItem>;
export const PromptPage = pageOf(PromptListItem).meta({ id: 'PromptPage' });

export const PromptDetail = PromptListItem.extend({
  version: VersionInfo.extend({
    content: z.string().meta({ description: '`{{name}}` stands for a variable' }),
  }).meta({ description: 'The version asked for, or the current one' }),
}).meta({ id: 'Prompt' });
export type PromptDetail = z.infer<typeof PromptDetail>;

export const GetPromptQuery = z.strictObject({ version: z.string().max(64).optional() });

export const RenderPromptRequest = z
  .strictObject({
    variables: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
      .default({}),
    version: z.string().max(64).optional(),
  })
  .meta({ id: 'RenderPromptRequest' });
export type RenderPromptRequest = z.input<typeof RenderPromptRequest>;

export const RenderedPrompt = z
  .object({ name: z.string(), version: z.string(), text: z.string() })
  .meta({ id: 'RenderedPrompt' });
export type RenderedPrompt = z.infer<typeof RenderedPrompt>;
