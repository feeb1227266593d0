import { createHash } from 'node:crypto';
import { canonicalJson, type ToolManifest } from '@planyard/contracts';

/** What makes two plannings the same. */
export interface PlanKey {
  /** Agent, tools, prompts and question. */
  key: string;
  /** The same without the question. */
  scope: string;
}

/** `prompts`: labels of the prompts that a plan is made with. */
export function planKeyOf(about: {
  agent: string;
  tools: readonly ToolManifest[];
  prompts: string[];
  question: string;
}): PlanKey {
  const tools = about.tools.map(versionOf).sort();
  const scope = digest(canonicalJson([about.agent, tools, about.prompts]));
  return { scope, key: digest(`${scope} ${normalQuestion(about.question)}`) };
}

/** Looked for where such a run begins only: at each character of a long one it took minutes. */
const ENDING = /(?<![\s.?!])[\s.?!]+$/;

/** A question without what does not change it: case, spaces, punctuation at its end. */
function normalQuestion(question: string): string {
  return question.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').replace(ENDING, '').trim();
}

/** A catalogue is the same objects until it changes. */
const versions = new WeakMap<ToolManifest, string>();

function versionOf(tool: ToolManifest): string {
  let version = versions.get(tool);
  if (version === undefined) {
    version = digest(canonicalJson(JSON.parse(JSON.stringify(tool))));
    versions.set(tool, version);
  }
  return version;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
