// A model server for tests: OpenAI's protocol over real HTTP, played from a script.
export {
  errorReply,
  piecesReply,
  type Reply,
  splitBytes,
  streamReply,
  textReply,
  toolCallReply,
} from './reply.ts';
export { type ModelServer, type SeenRequest, startModelServer } from './server.ts';
