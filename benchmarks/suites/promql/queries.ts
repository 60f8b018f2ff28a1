import { RandomTelemetry } from '../../../test/integrations/random-telemetry.js';
import { randomQuery } from '../../../test/sidebyside/random-query.js';
import { POINTS, STEP_MS, randomSeries } from '../../../test/sidebyside/random-series.js';
import type { PointSeries } from '../../../test/sidebyside/write-request.js';
import { cpuMs, type Contestant } from './contestant.js';

const SERIES = 1000;
const QUERIES = 100;
const REPEATS = 20;

export interface QueryFigures {
  readonly rateCpuMs: number;
  /** The first time, when nothing of the engine is compiled, and the second. */
  readonly coldCpuMs: number;
  readonly warmCpuMs: number;
}

/** `rate` over 1,000 series of an hour, and the random queries of the side-by-side tests over their random series. */
export async function measureQueries(contestant: Contestant): Promise<QueryFigures> {
  const { side } = contestant;
  const startMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - 240 * STEP_MS;
  const random = new RandomTelemetry(7);
  await side.write(randomSeries(random, startMs));
  await side.write(Array.from({ length: SERIES }, (_, i): PointSeries => ({
    labels: [['__name__', 'x_total'], ['instance', `h${i}`], ['job', `job-${i % 10}`]], points: Array.from({ length: 240 }, (_, at) => ({ timeMs: startMs + at * STEP_MS, value: at * (i + 1) })),
  })));
  await contestant.settled();

  const range = { start: String(startMs / 1000), end: String(startMs / 1000 + 3600), step: '15' };
  const ask = async (query: string): Promise<void> => { await side.query('query_range', { query, ...range }); };
  await ask('sum by (job) (rate(x_total[5m]))');
  const rateCpuMs = (await cpuMs(contestant, async () => { for (let i = 0; i < REPEATS; i++) await ask('sum by (job) (rate(x_total[5m]))'); })) / REPEATS;

  const queries = Array.from({ length: QUERIES }, () => randomQuery(random));
  const around = { start: String(startMs / 1000 + 300), end: String(startMs / 1000 + POINTS * 15), step: '15' };
  const generated = async (): Promise<void> => { for (const query of queries) await side.query('query_range', { query, ...around }); };
  return { rateCpuMs, coldCpuMs: await cpuMs(contestant, generated), warmCpuMs: await cpuMs(contestant, generated) };
}
