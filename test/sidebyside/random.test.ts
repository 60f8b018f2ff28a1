import assert from 'node:assert/strict';
import { RandomTelemetry } from '../integrations/random-telemetry.js';
import { bothSides } from './both-sides.js';
import { difference } from './equal-answers.js';
import { randomQuery } from './random-query.js';
import { POINTS, STEP_MS, randomSeries } from './random-series.js';

const QUERIES = Number(process.env['SIGNALBOX_SIDEBYSIDE_QUERIES'] ?? 400);

/** The same data and queries each time; `SIGNALBOX_SIDEBYSIDE_SEED` makes others. */
describe('side by side: generated queries over the same random data', function sideBySide() {
  this.timeout(300_000);
  const seed = Number(process.env['SIGNALBOX_SIDEBYSIDE_SEED'] ?? 1);
  const random = new RandomTelemetry(seed);
  const startMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - POINTS * STEP_MS;
  const sides = bothSides({ data: randomSeries(random, startMs) });

  it(`answers ${QUERIES} of them alike`, async () => {
    const wrong: string[] = [];
    let answered = 0;
    for (let i = 0; i < QUERIES; i++) {
      const query = randomQuery(random);
      const instant = random.next() < 0.4;
      const at = startMs + random.int(POINTS * STEP_MS);
      const params: Record<string, string> = instant
        ? { query, time: String(at / 1000) }
        : { query, start: String(startMs / 1000 + 300), end: String(startMs / 1000 + POINTS * 15), step: random.pick(['15', '37', '60', '300', '7.5']) };
      const path = instant ? 'query' : 'query_range';
      const [expected, actual] = await Promise.all([sides.theirs.query(path, params), sides.ours.side.query(path, params)]);
      const found = difference(expected, actual, false);
      if (expected.status === 'success' && (expected.data as { result: unknown[] }).result.length > 0) answered++;
      if (found !== null) wrong.push(`${path} ${JSON.stringify(params)}: ${found}`);
    }
    assert.equal(wrong.length, 0, `seed ${seed}: ${wrong.length} of ${QUERIES} differ:\n${wrong.slice(0, 40).join('\n')}`);
    assert.ok(answered > QUERIES / 2, `only ${answered} of ${QUERIES} had an answer`);
  });
});
