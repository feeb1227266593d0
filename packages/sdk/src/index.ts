// The door of the SDK: a client of the API, and what tools are made with.
export { PlanyardError } from '@planyard/contracts';
export type { Client, ImportOptions } from './client/client.ts';
export { createClient } from './client/create-client.ts';
export type { FollowOptions } from './client/follow-run.ts';
export type { ClientOptions } from './client/http.ts';
export type { UploadFile } from './client/multipart.ts';
export { type CompositionDefinition, defineComposition } from './define-composition.ts';
export {
  defineTool,
  type Tool,
  type ToolCache,
  type ToolContext,
  type ToolDefinition,
} from './define-tool.ts';
