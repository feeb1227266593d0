import {
  BedrockClient,
  ListFoundationModelsCommand,
  paginateListInferenceProfiles,
} from '@aws-sdk/client-bedrock';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import type { ChatEvent, ChatRequest, EmbedRequest } from '../../contract.ts';
import type { ConnectionOptions } from '../connection.ts';
import { defined } from '../defined.ts';
import type { ProviderCalls } from '../loaded-on-use.ts';
import { embedWithTitan } from './embeddings.ts';
import { fromSdkError } from './errors.ts';
import { openHandler } from './handler.ts';
import { toInput } from './messages.ts';
import { asStream, toChatEvents } from './stream.ts';

export interface BedrockOptions extends ConnectionOptions {
  name: string;
  region: string;
  /** Profile of the shared AWS files. Without it and without `credentials`, the SDK's credential chain decides. */
  profile?: string;
  credentials?: { access_key_id: string; secret_access_key: string; session_token?: string };
  /** Stands in for AWS in a test, or leads through a VPC endpoint; for both of Bedrock's services. */
  endpoint?: string;
}

/** AWS's clients with their own retries and timeouts off: those are policies of ours. */
export function openBedrock(options: BedrockOptions): ProviderCalls {
  const { name, credentials } = options;
  const config = {
    region: options.region,
    maxAttempts: 1,
    requestHandler: openHandler(options),
    ...defined({ endpoint: options.endpoint, profile: options.profile }),
    ...(credentials
      ? {
          credentials: {
            accessKeyId: credentials.access_key_id,
            secretAccessKey: credentials.secret_access_key,
            ...defined({ sessionToken: credentials.session_token }),
          },
        }
      : {}),
  };
  const runtime = new BedrockRuntimeClient(config);
  const control = new BedrockClient(config);

  async function* chat(
    model: string,
    request: ChatRequest,
    signal: AbortSignal,
    onPiece?: () => void,
  ): AsyncIterable<ChatEvent> {
    const input = toInput(model, request);
    // The SDK reads on when its stream is left: only an abort ends the request.
    const left = new AbortController();
    const ends = { abortSignal: AbortSignal.any([signal, left.signal]), connect_ms: request.connect_ms };
    try {
      if (request.stream === false) {
        const reply = await runtime.send(new ConverseCommand(input), ends);
        yield* toChatEvents(asStream(reply));
      } else {
        const reply = await runtime.send(new ConverseStreamCommand(input), ends);
        yield* toChatEvents(reply.stream ?? [], onPiece, request.live_calls);
        signal.throwIfAborted();
      }
    } catch (thrown) {
      throw fromSdkError(thrown, name, signal);
    } finally {
      left.abort();
    }
  }

  async function asked<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      throw fromSdkError(thrown, name, signal);
    }
  }

  const onDemand = async (abortSignal: AbortSignal) =>
    await control.send(new ListFoundationModelsCommand({ byInferenceType: 'ON_DEMAND' }), { abortSignal });

  /** What is to be had in the region: models on demand, and inference profiles, without which the newer ones are not. */
  async function models(signal: AbortSignal): Promise<string[]> {
    const ids = ((await onDemand(signal)).modelSummaries ?? []).flatMap((model) => model.modelId ?? []);
    for (const typeEquals of ['SYSTEM_DEFINED', 'APPLICATION'] as const)
      for await (const page of paginateListInferenceProfiles(
        { client: control },
        { typeEquals },
        { abortSignal: signal },
      ))
        for (const profile of page.inferenceProfileSummaries ?? [])
          ids.push(...[profile.inferenceProfileId, profile.inferenceProfileArn].flatMap((id) => id ?? []));
    return ids;
  }

  return {
    chat,
    embed: (model: string, request: EmbedRequest, signal: AbortSignal) => {
      const invoke = async (body: string) => {
        const input = { modelId: model, body, contentType: 'application/json', accept: 'application/json' };
        const ends = { abortSignal: signal, connect_ms: request.connect_ms };
        return (await runtime.send(new InvokeModelCommand(input), ends)).body;
      };
      return asked(() => embedWithTitan(model, request, invoke), signal);
    },
    models: (signal) => asked(() => models(signal), signal),
    health: (signal) => asked(async () => void (await onDemand(signal)), signal),
    close() {
      runtime.destroy();
      control.destroy();
    },
  };
}
