import type { Provider } from '../../contract.ts';
import { claudeTraits } from '../claude.ts';
import type { ConnectionOptions } from '../connection.ts';
import { loadedOnUse } from '../loaded-on-use.ts';

export interface BedrockOptions extends ConnectionOptions {
  name: string;
  region: string;
  /** Profile of the shared AWS files. Without it and without `credentials`, the SDK's credential chain decides. */
  profile?: string;
  credentials?: { access_key_id: string; secret_access_key: string; session_token?: string };
  /** Stands in for AWS in a test, or leads through a VPC endpoint; for both of Bedrock's services. */
  endpoint?: string;
}

/** AWS Bedrock: conversations by Converse and ConverseStream, embeddings of Titan models by InvokeModel. */
export function createBedrock(options: BedrockOptions): Provider {
  return loadedOnUse(
    {
      name: options.name,
      protocol: 'bedrock',
      native_output: (model) => model.includes('anthropic.claude') && claudeTraits(model).output,
    },
    async () => (await import('./client.ts')).openBedrock(options),
  );
}
