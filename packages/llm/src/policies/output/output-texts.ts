/** What models are told of the JSON that is wanted of them. */
export interface OutputTexts {
  /** Describes the tool whose call is the output. */
  asTool(): string;
  asText(schema: string): string;
  mend(faults: string[]): string;
}
