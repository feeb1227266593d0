import type { PictureSize } from './picture-size.ts';

export interface Picture {
  /** null where it is not known, as of one that only the provider will fetch. */
  size: PictureSize | null;
  detail: 'auto' | 'low' | 'high';
}

type Count = (size: PictureSize, detail: Picture['detail']) => number;

/** Of a picture or a model that nothing is known of. */
const USUAL = 1_500;

const within = ({ width, height }: PictureSize, edge: number): PictureSize => {
  const by = Math.min(1, edge / Math.max(width, height));
  return { width: width * by, height: height * by };
};
const cells = ({ width, height }: PictureSize, edge: number) =>
  Math.ceil(width / edge) * Math.ceil(height / edge);

/** OpenAI, older models: fit into 2,048 pixels, then shrunk to 768 at the short side, in tiles of 512. */
const tiles =
  (base: number, tile: number): Count =>
  (size, detail) => {
    if (detail === 'low') return base;
    const fit = within(size, 2_048);
    const by = Math.min(1, 768 / Math.min(fit.width, fit.height));
    return base + tile * cells({ width: fit.width * by, height: fit.height * by }, 512);
  };

/** OpenAI, newer and small models: patches of 32 pixels up to a number, times a factor. */
const patches =
  (factor: number, most: number): Count =>
  (size) =>
    Math.ceil(factor * Math.min(most, cells(size, 32)));

/** Claude: patches of 28 pixels, fit into an edge, up to a number. */
const claude =
  (edge: number, most: number): Count =>
  (size) =>
    Math.min(most, cells(within(size, edge), 28));

/** Gemini: 258 for each tile of 768 pixels; the newest take 1,120 for any. */
const gemini: Count = (size) => Math.max(1_120, 258 * cells(size, 768));

/**
 * By the name of the model, the first that fits. Sources: OpenAI's guide "Images and vision" (tiles, patches), and its forum
 * for the factor of the models since 5.2; Anthropic's page "Vision" (edges of 1,568 and, since 4.7, of 2,576 pixels); Google's
 * pages on tokens and media resolution.
 */
const FAMILIES: [RegExp, Count][] = [
  [/claude.*(-3-|-3\.|-4-[0-6]\b|-4\.[0-6]\b|-4-\d{8}|-4\b(?![-.]\d))/, claude(1_568, 1_600)],
  [/claude/, claude(2_576, 4_784)],
  [/gpt-4o-mini/, tiles(2_833, 5_667)],
  [/gpt-(4\.1|5|5\.4)-mini/, patches(1.62, 1_536)],
  [/gpt-(4\.1|5|5\.4)-nano/, patches(2.46, 1_536)],
  [/o4-mini/, patches(1.72, 1_536)],
  [/gpt-4(o|\.1|\.5)/, tiles(85, 170)],
  [/gpt-5(\.1)?\b(?!\.)/, tiles(70, 140)],
  [/gpt-5\.[23]\b/, patches(1.2, 1_536)],
  [/gpt-[5-9]/, patches(1.2, 10_000)],
  [/\bo[13]\b/, tiles(75, 150)],
  [/gemini/, gemini],
];

/** Tokens that pictures take in the input of the dearest of these models, about. */
export function pictureTokens(pictures: Picture[], models: string[]): number {
  if (pictures.length === 0) return 0;
  return Math.max(...(models.length === 0 ? [''] : models).map((model) => tokensFor(pictures, model)));
}

function tokensFor(pictures: Picture[], model: string): number {
  const count = FAMILIES.find(([names]) => names.test(model))?.[1];
  return pictures.reduce((sum, { size, detail }) => sum + (count && size ? count(size, detail) : USUAL), 0);
}
