import { ToolManifest } from '@planyard/contracts';

/** A tool that reads, of which nothing matters but its name. */
export function toolNamed(name: string): ToolManifest {
  return ToolManifest.parse({
    name,
    description: 'Finds what is asked for',
    input_schema: {},
    output_schema: {},
    effects: 'read',
    idempotent: true,
    timeout_ms: 1_000,
    profile: { accuracy: 1, complexity: 'low' },
  });
}
