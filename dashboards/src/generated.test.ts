import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboardsDirectory } from './directory.js';
import { dashboardJson, dashboards } from './generated.js';

describe('dashboards', () => {
  it('are committed as they are generated (else: npm run generate -w @signalbox/dashboards)', async () => {
    for (const { file, dashboard } of dashboards()) {
      assert.equal(await readFile(join(dashboardsDirectory(), file), 'utf8'), dashboardJson(dashboard), file);
    }
  });

  it('have no file that nothing generates', async () => {
    assert.deepEqual((await readdir(dashboardsDirectory())).sort(), dashboards().map(({ file }) => file).sort());
  });

  it('have a uid of their own and panels that do not overlap', () => {
    const uids = dashboards().map(({ dashboard }) => dashboard.uid);
    assert.equal(new Set(uids).size, uids.length);
    for (const { dashboard } of dashboards()) {
      const taken = new Map<string, string>();
      for (const panel of dashboard.panels ?? []) {
        const place = panel.gridPos;
        if (!place) throw new Error(`${panel.title ?? ''} has no place`);
        assert.ok(place.x + place.w <= 24, `${panel.title ?? ''} fits`);
        for (let x: number = place.x; x < place.x + place.w; x++) {
          for (let y: number = place.y; y < place.y + place.h; y++) {
            assert.equal(taken.get(`${x},${y}`), undefined, `${panel.title ?? ''} overlaps at ${x},${y}`);
            taken.set(`${x},${y}`, panel.title ?? '');
          }
        }
      }
    }
  });
});
