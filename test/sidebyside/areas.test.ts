import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pointsOf } from '../conformance/http-driver.js';
import { parseScript } from '../conformance/promql-script.js';
import type { Evaluation } from '../conformance/promql-script.js';
import type { RunningAppliance } from '../harness/appliance.js';
import { startAppliance } from '../harness/appliance.js';
import { requireOwnServer } from '../servers/require-server.js';
import { startBothSides } from './both-sides.js';
import { difference } from './equal-answers.js';
import { Side } from './sides.js';

const AREAS = fileURLToPath(new URL('areas/', import.meta.url));
const REST = `exporters: { store: {} }
service: { pipelines: { metrics: { receivers: [otlp, prometheusremotewrite], exporters: [store] } } }
`;

/**
 * Each file of `areas/` is a script that says what to load and what to ask, but no answers: those are Prometheus' own, given to the
 * same data in the same run. Errors, warnings and infos count with their places in the query; the order where `expect ordered` stands.
 * Asked are the engine over readers in memory, and the whole appliance: remote write, journal, store, query, each file in a tenant of its own.
 */
describe('side by side: the areas of the language', function sideBySide() {
  this.timeout(300_000);
  let appliance: RunningAppliance | undefined;
  before(async function () {
    requireOwnServer(this, 'prometheus');
    appliance = await startAppliance({ receivers: 'prometheusremotewrite: {}', rest: () => REST, env: { SIGNALBOX_STORE_RETENTION_AGE: 'off' } });
  });
  after(() => appliance?.stop());

  for (const file of readdirSync(AREAS).filter((name) => name.endsWith('.test')).sort()) {
    it(file, async () => {
      const sides = await startBothSides();
      const whole = new Side('appliance', `${appliance?.url}/prometheus`, { 'x-scope-orgid': file.replace('.test', '') });
      const wrong: string[] = [];
      let asked = 0;
      try {
        for (const command of parseScript(readFileSync(`${AREAS}${file}`, 'utf8'))) {
          if (command.kind === 'clear') throw new Error('one server serves a whole file: give series names of their own instead of clearing');
          if (command.kind === 'load') {
            const points = pointsOf(command);
            await sides.load(points, 1);
            await whole.write(points);
            continue;
          }
          asked++;
          for (const found of await compare(command, sides.theirs, [sides.ours.side, whole])) wrong.push(`line ${command.line}: ${command.query}\n      ${found}`);
        }
      } finally {
        await sides.stop();
      }
      assert.equal(wrong.length, 0, `${wrong.length} of ${asked} differ (Prometheus / Signalbox):\n${wrong.join('\n')}`);
      assert.ok(asked > 0);
    });
  }
});

/** What differs, with the side that does. */
async function compare({ query, startMs, endMs, stepMs, ordered }: Evaluation, theirs: Side, ours: readonly Side[]): Promise<string[]> {
  const instant = { query, time: String(startMs / 1000) };
  const range = { query, start: String(startMs / 1000), end: String(endMs / 1000), step: String((stepMs ?? 0) / 1000) };
  const [expected, ...answers] = await Promise.all([theirs, ...ours].map((side) => (stepMs === null ? side.query('query', instant) : side.query('query_range', range))));
  assert.ok(expected !== undefined);
  return answers.flatMap((actual, i) => {
    const found = difference(expected, actual, ordered);
    return found === null ? [] : [`${ours[i]?.name}: ${found}`];
  });
}
