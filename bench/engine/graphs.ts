/** A step of a bench graph: waits `ms`, after some others. */
export interface BenchStep {
  id: string;
  ms: number;
  after: string[];
}

const chain = (name: string, times: number[]): BenchStep[] =>
  times.map((ms, index) => ({ id: `${name}${index}`, ms, after: index ? [`${name}${index - 1}`] : [] }));

const fanout = (width: number, ms: number): BenchStep[] =>
  Array.from({ length: width }, (_, index) => ({ id: `f${index}`, ms, after: [] }));

/** Layers of four; each step waits for two of the layer above. */
export function lattice(layers: number, ms: number): BenchStep[] {
  return Array.from({ length: layers * 4 }, (_, index) => {
    const layer = Math.floor(index / 4);
    const column = index % 4;
    const after = layer ? [`l${layer - 1}_${column}`, `l${layer - 1}_${(column + 1) % 4}`] : [];
    return { id: `l${layer}_${column}`, ms, after };
  });
}

/** The cases with their critical path, which a run cannot beat. */
export const CASES: Record<string, { steps: BenchStep[]; targetMs: number }> = {
  fanout8: { steps: fanout(8, 100), targetMs: 8 },
  chain5: { steps: chain('c', [50, 50, 50, 50, 50]), targetMs: 10 },
  lattice32: { steps: lattice(8, 50), targetMs: 18 },
  skewed: {
    steps: [
      ...chain('a', [10, 50, 250]),
      ...chain('b', [250, 50, 10]),
      ...chain('c', [50, 250, 10]),
      ...chain('d', [10, 250, 50]),
    ],
    targetMs: 9,
  },
  wide100: { steps: fanout(100, 60), targetMs: 24 },
};

export function criticalPath(steps: BenchStep[]): number {
  const ends = new Map<string, number>();
  for (const step of steps)
    ends.set(step.id, step.ms + Math.max(0, ...step.after.map((id) => ends.get(id) ?? 0)));
  return Math.max(...ends.values());
}
