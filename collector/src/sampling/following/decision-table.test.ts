import assert from 'node:assert/strict';
import { DecidedList } from '../records/decided-list.js';
import { DecisionTable } from './decision-table.js';

interface Told {
  readonly tenant: string;
  readonly n: number;
  readonly sampled: boolean;
  readonly from: number;
  readonly to: number;
}

describe('sampling/decision-table', () => {
  const id = (n: number): Buffer => {
    const bytes = Buffer.alloc(16, 7);
    bytes.writeUInt32LE(n, 4);
    return bytes;
  };

  function chapter(table: DecisionTable, tenant: string, told: readonly Told[]): void {
    const list = new DecidedList();
    list.begin(Buffer.concat(told.map(({ n }) => id(n))));
    told.forEach(({ sampled, from, to }, i) => list.add(16 * i, sampled, from, to));
    table.add(tenant, list);
  }

  const ask = (table: DecisionTable, tenant: string, n: number, position: number): boolean | null => {
    table.key.read(tenant, id(n), 0);
    return table.sampled(position);
  };

  it('knows of each frame what was decided first', () => {
    const table = new DecisionTable();
    chapter(table, 'a', [{ tenant: 'a', n: 1, sampled: true, from: 10, to: 30 }, { tenant: 'a', n: 2, sampled: false, from: 10, to: 10 }]);
    // Decided again as the program began again, and then late.
    chapter(table, 'a', [{ tenant: 'a', n: 1, sampled: false, from: 10, to: 50 }, { tenant: 'a', n: 1, sampled: false, from: 60, to: 70 }]);
    assert.deepEqual([10, 30, 40, 50, 55, 60, 70, 71].map((at) => ask(table, 'a', 1, at)), [true, true, true, true, null, false, false, null]);
    assert.deepEqual([ask(table, 'a', 2, 10), ask(table, 'a', 2, 11), ask(table, 'b', 1, 10), ask(table, 'a', 3, 10)], [false, null, null, null]);
    table.forget(31);
    assert.deepEqual([table.size, ask(table, 'a', 1, 40), ask(table, 'a', 1, 60), ask(table, 'a', 2, 10)], [2, true, false, null]);
    table.forget(71);
    assert.deepEqual([table.size, ask(table, 'a', 1, 60)], [0, null]);
    chapter(table, 'a', [{ tenant: 'a', n: 1, sampled: true, from: 80, to: 80 }]);
    assert.equal(ask(table, 'a', 1, 80), true);
    table.clear();
    assert.deepEqual([table.size, ask(table, 'a', 1, 80)], [0, null]);
  });

  it('agrees with a list of all that was told', () => {
    const table = new DecisionTable();
    let seed = 5;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    let told: { readonly chapter: number; readonly each: Told }[] = [];
    const lasts: number[] = [];
    let forgotten = 0;
    for (let round = 0; round < 200; round++) {
      const tenant = `t${random(3)}`;
      const added = Array.from({ length: random(12) }, (): Told => {
        const from = round * 10 + random(10);
        return { tenant, n: random(20), sampled: random(2) === 0, from, to: from + random(60) };
      });
      chapter(table, tenant, added);
      if (added.length > 0) {
        for (const each of added) {
          const before = told.find((other) => other.each.tenant === tenant && other.each.n === each.n && other.each.from === each.from);
          told.push({ chapter: lasts.length, each: { ...each, sampled: before?.each.sampled ?? each.sampled } });
        }
        lasts.push(Math.max(...added.map(({ to }) => to)));
      }
      const before = Math.max(0, round * 10 - 40);
      table.forget(before);
      while (forgotten < lasts.length && lasts[forgotten] < before) forgotten++;
      told = told.filter((each) => each.chapter >= forgotten);
      assert.equal(table.size, told.length);
      for (let i = 0; i < 40; i++) {
        const [asked, n, position] = [`t${random(3)}`, random(20), before + random(80)];
        const found = told.find(({ each }) => each.tenant === asked && each.n === n && each.from <= position && position <= each.to);
        assert.equal(ask(table, asked, n, position), found?.each.sampled ?? null);
      }
    }
  });
});
