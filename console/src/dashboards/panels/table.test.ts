import assert from 'node:assert/strict';
import { makeTable } from './table.js';
import type { Frame } from './table.js';

describe('tables', () => {
  const frames: readonly Frame[] = [
    { refId: 'A', rows: [{ labels: { job: 'a', route: '/x' }, ms: 1, value: 5 }, { labels: { job: 'b', route: '/y' }, ms: 1, value: 9 }] },
    { refId: 'B', rows: [{ labels: { route: '/x', job: 'a' }, ms: 1, value: 0.5 }] },
  ];
  const plain = { merge: true, organize: { hidden: new Set<string>(), order: new Map<string, number>(), names: new Map<string, string>() }, sort: null };

  it('merge the answers of several queries by their labels', () => {
    const table = makeTable(frames, plain);
    assert.deepEqual(table.columns, ['Time', 'job', 'route', 'Value #A', 'Value #B']);
    assert.deepEqual(table.rows, [[1, 'a', '/x', 5, 0.5], [1, 'b', '/y', 9, undefined]]);
  });

  it('show the first query alone where nothing merges them', () => {
    assert.deepEqual(makeTable(frames, { ...plain, merge: false }).rows.length, 2);
    assert.ok(!makeTable(frames, { ...plain, merge: false }).columns.includes('Value #B'));
  });

  it('hide, order and rename columns, and sort with what is missing last', () => {
    const table = makeTable(frames, {
      merge: true, sort: { column: 'Share', descending: true },
      organize: { hidden: new Set(['Time']), order: new Map([['Value #B', 0], ['job', 1]]), names: new Map([['Value #B', 'Share']]) },
    });
    assert.deepEqual(table.columns, ['Share', 'job', 'route', 'Value #A']);
    assert.deepEqual(table.rows, [[0.5, 'a', '/x', 5], [undefined, 'b', '/y', 9]]);
  });

  it('are empty without rows', () => { assert.deepEqual(makeTable([{ refId: 'A', rows: [] }], plain), { columns: ['Time', 'Value'], rows: [] }); });
});
