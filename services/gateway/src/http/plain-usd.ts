/** USD as a decimal that every reader takes, `0.0000001` and not `1.0000000000000001e-7`; to a millionth of a millionth. */
export function plainUsd(usd: number): string {
  return usd.toFixed(12).replace(/\.?0+$/, '');
}
