import {
  GetPromptQuery,
  PageQuery,
  PlanyardError,
  PromptDetail,
  PromptListItem,
  PromptPage,
  RenderedPrompt,
  RenderPromptRequest,
} from '@planyard/contracts';
import { versionOf } from '@planyard/planning';
import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, type Route } from '../http/route.ts';

const MiB = 1024 * 1024;
const PromptParams = z.object({ name: z.string().max(200) });

export function promptRoutes({ prompts }: Pick<GatewayDeps, 'prompts'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/prompts',
      id: 'listPrompts',
      summary: 'Prompts with their variables and versions, without texts',
      tag: 'Prompts',
      access: 'runs:read',
      query: PageQuery,
      replies: { 200: { description: 'A page of prompts', schema: PromptPage } },
      async handle({ query }) {
        const all = prompts.list().map((prompt) => PromptListItem.parse(prompt));
        return { body: pageOfArray(all, query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/prompts/{name}',
      id: 'getPrompt',
      summary: 'A prompt with the text of a version',
      tag: 'Prompts',
      access: 'runs:read',
      params: PromptParams,
      query: GetPromptQuery,
      replies: { 200: { description: 'The prompt', schema: PromptDetail } },
      errors: ['not_found'],
      async handle({ params, query }) {
        const prompt = prompts.get(params.name);
        const version = versionOf(prompt, query.version);
        if (!version)
          throw new PlanyardError('not_found', `prompt ${prompt.name} has no version ${query.version}`);
        return { body: PromptDetail.parse({ ...prompt, version }) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/prompts/{name}/render',
      id: 'renderPrompt',
      summary: 'The text that a model would get for these variables',
      tag: 'Prompts',
      access: 'runs:read',
      params: PromptParams,
      body: { schema: RenderPromptRequest, required: true, limit: MiB },
      replies: { 200: { description: 'The text', schema: RenderedPrompt } },
      errors: ['not_found', 'prompt_error'],
      async handle({ params, body }) {
        const rendered = prompts.render(params.name, body.variables, body.version);
        return { body: RenderedPrompt.parse(rendered) };
      },
    }),
  ];
}
