import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@planyard/runtime';
import type { Principal } from '../auth/principal.ts';
import type { CallOptions } from './call-options.ts';

/** Headers of a reply. They are collected and written with its status: each that is set on the response by itself costs as much as five so. */
export type ReplyHeaders = Record<string, string | number>;

/** One request at the OpenAI-compatible API, its caller known and its body read. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  headers: ReplyHeaders;
  requestId: string;
  principal: Principal;
  options: CallOptions;
  log: Logger;
  /** Aborted when the client has left. */
  signal: AbortSignal;
  /** Takes the whole reply, where it must be given again. */
  keep?: (type: string, pieces: (string | Buffer)[]) => void;
  /** Empty where the method has none. */
  body: Buffer;
  /** What follows the path's template: the id in `/v1/models/{id}`. */
  rest: string;
}
