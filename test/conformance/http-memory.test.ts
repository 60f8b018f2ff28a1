import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { MemoryAppliance } from '../sidebyside/memory-appliance.js';
import { startMemoryAppliance } from '../sidebyside/memory-appliance.js';
import { driveScript } from './http-driver.js';
import { parseScript } from './promql-script.js';
import { SCRIPTS } from './scripts-folder.js';

/** The API and the engine alone: data is put into memory instead of being written and stored. */
describe('conformance over HTTP: the API over readers in memory', function memory() {
  this.timeout(240_000);
  if (!existsSync(SCRIPTS)) {
    it.skip('needs the scripts in ../shared/suites/promql');
    return;
  }
  for (const file of readdirSync(SCRIPTS).filter((name) => name.endsWith('.test')).sort()) {
    it(file, async () => {
      const started: MemoryAppliance[] = [];
      try {
        const { floats, native } = await driveScript(parseScript(readFileSync(`${SCRIPTS}${file}`, 'utf8')), async () => {
          const appliance = await startMemoryAppliance();
          started.push(appliance);
          return { write: async (series) => { appliance.load(series); }, query: (path, params) => appliance.side.query(path, params) };
        });
        assert.deepEqual([...floats.failed, ...native.failed], []);
        assert.ok(floats.total + native.total > 0);
      } finally {
        await Promise.all(started.map((appliance) => appliance.close()));
      }
    });
  }
});
