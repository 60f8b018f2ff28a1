import type { PointSeries } from '../../../test/sidebyside/write-request.js';
import type { Contestant } from './contestant.js';

const VALUES = 100_000;
const PER_WRITE = 5000;
const REPEATS = 5;

export interface LabelFigures {
  readonly valuesMs: number;
  readonly seriesMs: number;
}

/** The values of a label that has 100,000, and the series that a matcher finds among `series`. */
export async function measureLabels({ name, side, settled }: Contestant, series: number): Promise<LabelFigures> {
  const nowMs = Date.now();
  for (let first = 0; first < series; first += PER_WRITE) {
    await side.write(Array.from({ length: PER_WRITE }, (_, i): PointSeries => ({
      labels: [['__name__', 'wide'], ['id', `value-${(first + i) % VALUES}`], ['pod', `pod-${Math.floor((first + i) / 50)}`], ['shard', String(Math.floor((first + i) / VALUES))]], points: [{ timeMs: nowMs, value: 1 }],
    })), PER_WRITE);
  }
  await settled();
  const ask = async (path: string, params: Readonly<Record<string, string>>, expected: number): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      const started = performance.now();
      const { text } = await side.ask(path, params);
      times.push(performance.now() - started);
      const found = (JSON.parse(text) as { readonly data: readonly unknown[] }).data.length;
      if (found !== expected) throw new Error(`${name} has ${found} of ${expected} at ${path}`);
    }
    return Math.min(...times);
  };
  return { valuesMs: await ask('api/v1/label/id/values', {}, VALUES), seriesMs: await ask('api/v1/series', { 'match[]': 'wide{pod=~"pod-12.?"}' }, 550) };
}
