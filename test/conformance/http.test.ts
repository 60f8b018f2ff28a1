import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { RunningAppliance } from '../harness/appliance.js';
import { startAppliance } from '../harness/appliance.js';
import { Side } from '../sidebyside/sides.js';
import { driveScript } from './http-driver.js';
import { parseScript } from './promql-script.js';
import { OWN, SCRIPTS, scriptsIn } from './scripts-folder.js';

const REST = `exporters: { store: {} }
service: { pipelines: { metrics: { receivers: [otlp, prometheusremotewrite], exporters: [store] } } }
`;

/** The whole way: remote write, journal, store, query; each script in a tenant of its own that exists from its first write. */
describe('conformance over HTTP: the running appliance', function appliance() {
  this.timeout(300_000);
  let running: RunningAppliance;
  before(async () => { running = await startAppliance({ receivers: 'prometheusremotewrite: {}', rest: () => REST, env: { SIGNALBOX_STORE_RETENTION_AGE: 'off' } }); });
  after(() => running?.stop());

  const passes = (kind: string, path: string): void => {
    const file = basename(path);
    it(file, async () => {
      let sections = 0;
      const { floats, native } = await driveScript(parseScript(readFileSync(path, 'utf8')), async () => {
        sections++;
        return new Side('signalbox', `${running.url}/prometheus`, { 'x-scope-orgid': `${kind}-${file.replace('.test', '')}-${sections}` });
      });
      console.log(`      ${file}: ${floats.passed} of ${floats.total} over floats, ${native.passed} of ${native.total} with native histograms`);
      assert.deepEqual([...floats.failed, ...native.failed], [], running.said().slice(-2000));
      assert.ok(floats.total + native.total > 0);
    });
  };

  describe("Prometheus' scripts", () => {
    const scripts = scriptsIn(SCRIPTS);
    if (scripts.length === 0) it.skip('needs the scripts in ../shared/suites/promql');
    for (const path of scripts) passes('theirs', path);
  });

  describe('our own scripts', () => {
    for (const path of scriptsIn(OWN)) passes('own', path);
  });
});
