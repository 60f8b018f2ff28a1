import assert from 'node:assert/strict';
import { TraceIndex } from './trace-index.js';
import { TraceKey } from './trace-key.js';

describe('sampling/trace-index', () => {
  const key = new TraceKey();
  const bytes = Buffer.alloc(40);
  /** Few bits tell the ids apart, and they stand in every part of it. */
  const read = (tenant: string, n: number): TraceKey => {
    bytes.fill(0);
    bytes[7 + ((n * 5) % 16)] = n + 1;
    return key.read(tenant, bytes, 7);
  };

  it('finds what was put in and not taken out, whatever came between', () => {
    const index = new TraceIndex();
    const wanted = new Map<string, number>();
    const free = Array.from({ length: 3000 }, (_, entry) => entry);
    let seed = 99;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (let step = 0; step < 30_000; step++) {
      const [tenant, n] = [`t${random(9)}`, random(250)];
      const name = `${tenant} ${n}`;
      const entry = wanted.get(name);
      assert.equal(index.find(read(tenant, n)), entry ?? -1);
      if (entry === undefined) {
        wanted.set(name, free.pop()!);
        index.add(key, wanted.get(name)!);
      } else if (random(4) === 0) {
        const by = free.pop()!;
        index.replace(entry, by);
        wanted.set(name, by);
        free.unshift(entry);
      } else if (random(2) === 0) {
        index.remove(entry);
        wanted.delete(name);
        free.unshift(entry);
      }
    }
    assert.ok(wanted.size > 500);
    assert.equal(index.size, wanted.size);
    for (const [name, entry] of wanted) {
      const [tenant, n] = name.split(' ') as [string, string];
      assert.equal(index.find(read(tenant, Number(n))), entry);
      const id = Buffer.from(bytes.subarray(7, 23));
      const written = Buffer.alloc(20);
      index.writeId(entry, written, 2);
      assert.deepEqual(written.subarray(2, 18), id);
      assert.equal(key.tenantName(index.tenantOf(entry)), tenant);
      read('other', 300);
      index.load(entry, key);
      assert.equal(index.find(key), entry);
      assert.equal(index.find(read(tenant, Number(n))), entry);
    }
    index.clear();
    assert.deepEqual([index.size, index.find(read('t1', 1))], [0, -1]);
  });
});
