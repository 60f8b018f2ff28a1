import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { requireOwnServer } from '../servers/require-server.js';
import type { RunningServer } from '../servers/server-process.js';
import { startWholePrometheus } from '../sidebyside/prometheus.js';
import { Side } from '../sidebyside/sides.js';
import { driveScript } from './http-driver.js';
import { parseScript } from './promql-script.js';
import { SCRIPTS } from './scripts-folder.js';

/** The driver itself is held against a real Prometheus: what its author passes there, the driver reports as passed. */
describe('conformance over HTTP: the driver against Prometheus itself', function reference() {
  this.timeout(600_000);
  if (!existsSync(SCRIPTS)) {
    it.skip('needs the scripts in ../shared/suites/promql');
    return;
  }
  before(function () { requireOwnServer(this, 'prometheus'); });

  it('passes nearly everything that is over floats', async () => {
    const sum = { floats: [0, 0], native: [0, 0] };
    const failed: string[] = [];
    for (const file of readdirSync(SCRIPTS).filter((name) => name.endsWith('.test')).sort()) {
      const servers: RunningServer[] = [];
      try {
        const outcome = await driveScript(parseScript(readFileSync(`${SCRIPTS}${file}`, 'utf8')), async () => {
          const server = await startWholePrometheus();
          await Promise.all(servers.splice(0).map((one) => one.kill()));
          servers.push(server);
          return new Side('prometheus', server.url);
        });
        for (const kind of ['floats', 'native'] as const) {
          sum[kind][0]! += outcome[kind].passed;
          sum[kind][1]! += outcome[kind].total;
          failed.push(...outcome[kind].failed.map((text) => `${file} ${text}`));
        }
        console.log(`      ${file}: ${outcome.floats.passed} of ${outcome.floats.total} over floats, ${outcome.native.passed} of ${outcome.native.total} with native histograms`);
      } finally {
        await Promise.all(servers.map((one) => one.kill()));
      }
    }
    console.log(`      together: ${sum.floats.join(' of ')} over floats, ${sum.native.join(' of ')} with native histograms\n${failed.map((text) => `        ${text.slice(0, 300)}`).join('\n')}`);
    assert.ok(sum.floats[0]! >= 0.98 * sum.floats[1]!, failed.join('\n'));
    assert.ok(sum.native[0]! >= 0.75 * sum.native[1]!, failed.join('\n'));
  });
});
