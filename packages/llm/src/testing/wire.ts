import type { Piece, Reply } from './reply.ts';

/** What a model says in a test, whatever protocol says it. */
export interface Said {
  reasoning?: { text: string; signature?: string };
  /** In the pieces in which it is streamed. */
  text?: string[];
  /** Arguments as text are sent as they are. */
  calls?: { id: string; name: string; args: Record<string, unknown> | string }[];
  finish: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  /** null: the provider does not tell. Of a protocol that has no such figure, the last three are lost. */
  usage?: { input: number; output: number; cached?: number; cache_write?: number; reasoning?: number } | null;
}

/** A provider's protocol as its servers speak it. */
export interface Wire {
  stream_type: string;
  /** The events of a streamed reply up to its end. */
  begin(said: Said): Piece[];
  /** What ends a streamed reply: without it the reply was cut. */
  end(said: Said): Piece[];
  whole(said: Said): Reply;
  error(status: number, message: string, more?: { code?: string; headers?: Record<string, string> }): Reply;
  /** What a stream holds that fails on its way. */
  errorInStream(message: string): Piece;
  /** An event whose bytes went wrong. */
  garbled: Piece;
}

/** A streamed reply that ends as it should. */
export function streamed(wire: Wire, said: Said): Reply {
  return piecesOf(wire, [...wire.begin(said), ...wire.end(said)]);
}

/** A streamed reply of any pieces. */
export function piecesOf(wire: Wire, pieces: Piece[]): Reply {
  return { status: 200, headers: { 'content-type': wire.stream_type }, pieces };
}

export const NO_FIGURES = { cached: 0, cache_write: 0, reasoning: 0 };

/** Arguments of a tool in two halves, as they are streamed. */
export function halves(args: Record<string, unknown> | string): [string, string] {
  const text = argsText(args);
  const half = Math.floor(text.length / 2);
  return [text.slice(0, half), text.slice(half)];
}

export function argsText(args: Record<string, unknown> | string): string {
  return typeof args === 'string' ? args : JSON.stringify(args);
}
