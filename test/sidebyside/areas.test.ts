import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pointsOf } from '../conformance/http-driver.js';
import { parseScript } from '../conformance/promql-script.js';
import type { Evaluation } from '../conformance/promql-script.js';
import { requireOwnServer } from '../servers/require-server.js';
import { startBothSides } from './both-sides.js';
import { difference } from './equal-answers.js';
import type { Side } from './sides.js';

const AREAS = fileURLToPath(new URL('areas/', import.meta.url));

/**
 * Each file of `areas/` is a script that says what to load and what to ask, but no answers: those are Prometheus' own, given to the
 * same data in the same run. Errors, warnings and infos count with their places in the query; the order where `expect ordered` stands.
 */
describe('side by side: the areas of the language', function sideBySide() {
  this.timeout(300_000);
  before(function () { requireOwnServer(this, 'prometheus'); });

  for (const file of readdirSync(AREAS).filter((name) => name.endsWith('.test')).sort()) {
    it(file, async () => {
      const sides = await startBothSides();
      const wrong: string[] = [];
      let asked = 0;
      try {
        for (const command of parseScript(readFileSync(`${AREAS}${file}`, 'utf8'))) {
          if (command.kind === 'clear') throw new Error('one server serves a whole file: give series names of their own instead of clearing');
          if (command.kind === 'load') {
            await sides.load(pointsOf(command), 1);
            continue;
          }
          asked++;
          const found = await compare(command, sides.theirs, sides.ours.side);
          if (found !== null) wrong.push(`line ${command.line}: ${command.query}\n      ${found}`);
        }
      } finally {
        await sides.stop();
      }
      assert.equal(wrong.length, 0, `${wrong.length} of ${asked} differ (Prometheus / Signalbox):\n${wrong.join('\n')}`);
      assert.ok(asked > 0);
    });
  }
});

async function compare({ query, startMs, endMs, stepMs, ordered }: Evaluation, theirs: Side, ours: Side): Promise<string | null> {
  const instant = { query, time: String(startMs / 1000) };
  const range = { query, start: String(startMs / 1000), end: String(endMs / 1000), step: String((stepMs ?? 0) / 1000) };
  const [expected, actual] = await Promise.all([theirs, ours].map((side) => (stepMs === null ? side.query('query', instant) : side.query('query_range', range))));
  assert.ok(expected !== undefined && actual !== undefined);
  return difference(expected, actual, ordered);
}
