// A model server for tests: real HTTP, played from a script, in each provider's protocol.

export { exceptionFrame } from './bedrock-wire.ts';
export { type ModelServer, type Rule, type SeenRequest, startModelServer } from './model-server.ts';
export { muteServer } from './mute-server.ts';
export {
  chunkOf,
  errorReply,
  piecesReply,
  streamReply,
  textReply,
  toolCallReply,
  toolCallsReply,
} from './openai-replies.ts';
export {
  jsonReply,
  type Piece,
  RESET,
  type Reply,
  seededRandom,
  splitAtRandom,
  splitBytes,
} from './reply.ts';
export { piecesOf, type Said, streamed, type Wire } from './wire.ts';
export { providerOf, TEST_KEY, WIRES } from './wires.ts';
