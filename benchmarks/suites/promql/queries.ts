import { RandomTelemetry } from '../../../test/integrations/random-telemetry.js';
import { randomQuery } from '../../../test/sidebyside/random-query.js';
import { POINTS, STEP_MS, randomSeries } from '../../../test/sidebyside/random-series.js';
import type { PointSeries } from '../../../test/sidebyside/write-request.js';
import { cpuMs, type Contestant } from './contestant.js';

const SERIES = 1000;
const QUERIES = 100;
const REPEATS = 20;
/** Rounds of all queries before they count as settled, and rounds that are measured then. */
const SETTLING = 2;
const SETTLED = 4;

export interface QueryFigures {
  readonly rateCpuMs: number;
  /** The first time, when nothing of the engine is compiled, and the second. */
  readonly coldCpuMs: number;
  readonly warmCpuMs: number;
  /** Each time from the fifth on: as a server answers that has been running for a while. */
  readonly settledCpuMs: number;
  readonly settledRateCpuMs: number;
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
  const rate = async (): Promise<number> => (await cpuMs(contestant, async () => { for (let i = 0; i < REPEATS; i++) await ask('sum by (job) (rate(x_total[5m]))'); })) / REPEATS;
  const rateCpuMs = await rate();

  const queries = Array.from({ length: QUERIES }, () => randomQuery(random));
  const around = { start: String(startMs / 1000 + 300), end: String(startMs / 1000 + POINTS * 15), step: '15' };
  const generated = async (): Promise<void> => { for (const query of queries) await side.query('query_range', { query, ...around }); };
  const [coldCpuMs, warmCpuMs] = [await cpuMs(contestant, generated), await cpuMs(contestant, generated)];
  for (let i = 0; i < SETTLING; i++) await generated();
  const settledCpuMs = (await cpuMs(contestant, async () => { for (let i = 0; i < SETTLED; i++) await generated(); })) / SETTLED;
  return { rateCpuMs, coldCpuMs, warmCpuMs, settledCpuMs, settledRateCpuMs: await rate() };
}
