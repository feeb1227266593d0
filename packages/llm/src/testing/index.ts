// A model server for tests: real HTTP, played from a script, in each provider's protocol.
export { type ModelServer, type Rule, type SeenRequest, startModelServer } from './model-server.ts';
export { errorReply, piecesReply, streamReply, textReply, toolCallReply } from './openai-replies.ts';
export { type Piece, type Reply, seededRandom, splitBytes } from './reply.ts';
