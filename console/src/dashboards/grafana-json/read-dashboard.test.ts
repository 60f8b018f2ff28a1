import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboardsDirectory } from '@signalbox/dashboards/directory';
import type { Json } from '../../api/json.js';
import { readDashboard } from './read-dashboard.js';
import { readPanel } from './read-panel.js';

describe('reading dashboards', () => {
  it('shows every shipped dashboard whole', async () => {
    const files = (await readdir(dashboardsDirectory())).filter((name) => name.endsWith('.json'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const dashboard = readDashboard(JSON.parse(await readFile(join(dashboardsDirectory(), file), 'utf8')) as Json);
      assert.ok(dashboard.sections.length > 0);
      for (const { panels } of dashboard.sections) {
        for (const panel of panels) assert.deepEqual(panel.faults, [], `${file}: ${panel.title}`);
      }
      for (const { name, source } of dashboard.variables) assert.notEqual(source.kind, 'none', `${file}: ${name}`);
    }
  });

  it('puts panels below their row, folded or open', () => {
    const { sections } = readDashboard({ panels: [
      { type: 'stat', title: 'first', gridPos: { x: 0, y: 0, w: 4, h: 3 } },
      { type: 'row', title: 'folded', collapsed: true, gridPos: { x: 0, y: 3, w: 24, h: 1 }, panels: [{ type: 'table', title: 'inner', gridPos: { x: 0, y: 4, w: 24, h: 5 } }] },
      { type: 'row', title: 'open', collapsed: false, panels: [], gridPos: { x: 0, y: 4, w: 24, h: 1 } },
      { type: 'timeseries', title: 'right', gridPos: { x: 12, y: 5, w: 99, h: 8 } }, { type: 'timeseries', title: 'left', gridPos: { x: 0, y: 5, w: 12, h: 8 } },
    ] });
    assert.deepEqual(sections.map(({ title, collapsed, panels }) => [title, collapsed, panels.map((panel) => panel.title)]), [[null, false, ['first']], ['folded', true, ['inner']], ['open', false, ['left', 'right']]]);
    assert.deepEqual(sections[2]?.panels.map(({ place }) => place), [{ x: 0, y: 0, w: 12, h: 8 }, { x: 12, y: 0, w: 12, h: 8 }]);
  });

  it('takes the usual where the JSON says nothing, whatever it is', () => {
    for (const odd of [null, 3, 'x', [], {}] as const) {
      const dashboard = readDashboard(odd);
      assert.deepEqual(dashboard.range, { from: 'now-1h', to: 'now' });
      assert.deepEqual(dashboard.sections, []);
    }
  });

  const target = { refId: 'A', expr: 'up' };
  const faults: readonly [panel: Json, fault: RegExp][] = [
    [{ type: 'heatmap', targets: [target] }, /type “heatmap”/],
    [{ type: 'timeseries', targets: [target], datasource: { type: 'loki', uid: 'x' } }, /type “loki”/],
    [{ type: 'timeseries', targets: [{ refId: 'A' }] }, /without an expression/],
    [{ type: 'timeseries', targets: [target], fieldConfig: { defaults: { unit: 'furlong' } } }, /unit “furlong”/],
    [{ type: 'timeseries', targets: [target], fieldConfig: { defaults: { custom: { drawStyle: 'bars' } } } }, /Drawn as lines/],
    [{ type: 'stat', targets: [target], fieldConfig: { defaults: { mappings: [{ type: 'value' }] } } }, /mappings/],
    [{ type: 'stat', targets: [target], fieldConfig: { defaults: { thresholds: { mode: 'percentage', steps: [] } } } }, /percent/],
    [{ type: 'stat', targets: [target], options: { reduceOptions: { calcs: ['stdDev'] } } }, /“stdDev”/],
    [{ type: 'table', targets: [target], transformations: [{ id: 'merge' }, { id: 'joinByField' }] }, /joinByField/],
    [{ type: 'timeseries', targets: [target], transformations: [{ id: 'organize' }] }, /organize/],
    [{ type: 'table', targets: [target], fieldConfig: { overrides: [{ matcher: { id: 'byRegexp', options: 'x' }, properties: [] }] } }, /overrides/],
    [{ type: 'timeseries', targets: [target], repeat: 'service' }, /not repeated/],
  ];
  for (const [panel, fault] of faults) it(`says ${String(fault)}`, () => { assert.match(readPanel(panel).faults.join(' '), fault); });

  it('reads thresholds, overrides, columns and targets', () => {
    const panel = readPanel({
      type: 'table', targets: [{ refId: 'A', expr: 'a', instant: true }, { refId: 'B', expr: 'b', hide: true }],
      fieldConfig: { defaults: { unit: 's', thresholds: { mode: 'absolute', steps: [{ value: null, color: 'green' }, { value: 2, color: 'red' }] } }, overrides: [{ matcher: { id: 'byName', options: 'Rate' }, properties: [{ id: 'unit', value: 'reqps' }] }] },
      transformations: [{ id: 'merge' }, { id: 'organize', options: { excludeByName: { Time: true, x: false }, renameByName: { job: 'Service' }, indexByName: { job: 0 } } }],
      options: { sortBy: [{ displayName: 'Rate', desc: true }] },
    });
    assert.deepEqual(panel.targets.map(({ refId, instant }) => [refId, instant]), [['A', true]]);
    assert.deepEqual(panel.style.thresholds, [{ from: -Infinity, colour: 'green' }, { from: 2, colour: 'red' }]);
    assert.deepEqual(panel.overrides.get('Rate'), { unit: 'reqps' });
    assert.deepEqual([...panel.table.organize.hidden], ['Time']);
    assert.deepEqual(panel.table.sort, { column: 'Rate', descending: true });
    assert.deepEqual(panel.faults, []);
  });
});
