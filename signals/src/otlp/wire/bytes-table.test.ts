import assert from 'node:assert/strict';
import { BytesTable } from './bytes-table.js';

describe('otlp/wire/bytes-table', () => {
  it('knows keys of every length, and their variants, by numbers that stay', () => {
    const table = new BytesTable();
    const keys: { readonly bytes: Uint8Array; readonly variant: number }[] = [];
    for (let i = 0; i < 3000; i++) keys.push({ bytes: Uint8Array.from({ length: i % 37 }, (_, at) => (i >> (at % 12)) & 0xff), variant: i });
    for (const [number, { bytes, variant }] of keys.entries()) {
      assert.equal(table.find(bytes, 0, bytes.length, variant), -1);
      assert.equal(table.add(bytes, 0, bytes.length, variant), number);
    }
    assert.equal(table.size, keys.length);
    for (const [number, { bytes, variant }] of keys.entries()) {
      const around = Buffer.concat([Buffer.from([1, 2]), bytes, Buffer.from([3])]);
      assert.equal(table.find(around, 2, 2 + bytes.length, variant), number);
      assert.ok(table.holds(number, around, 2, 2 + bytes.length, variant));
      assert.ok(!table.holds(number, around, 1, 2 + bytes.length, variant));
      assert.ok(!table.holds(number, around, 2, 2 + bytes.length, variant + 1));
      assert.equal(table.find(bytes, 0, bytes.length, variant + 3000), -1);
    }
    assert.ok(!table.holds(keys.length, keys[0].bytes, 0, 0, 0));
  });

  it('copies its keys', () => {
    const table = new BytesTable();
    const key = Uint8Array.of(1, 2, 3);
    table.add(key, 0, 3, 0);
    key[0] = 9;
    assert.deepEqual([table.find(key, 0, 3, 0), table.find(Uint8Array.of(1, 2, 3), 0, 3, 0)], [-1, 0]);
  });
});
