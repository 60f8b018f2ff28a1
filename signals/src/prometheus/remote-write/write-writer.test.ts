import assert from 'node:assert/strict';
import { Reader } from '../../otlp/protobuf/reader.js';
import { WriteWriter } from './write-writer.js';

describe('prometheus/remote-write/write-writer', () => {
  it('writes whole numbers of every length as protobuf does', () => {
    const values = [0, 1, -1, -300];
    for (let bits = 1; bits <= 53; bits++) values.push(2 ** bits - 1, 2 ** bits, 2 ** bits + 1, Math.floor(2 ** bits * 1.37));
    for (const value of values.filter((each) => each <= 2 ** 53)) {
      const writer = new WriteWriter(1);
      writer.varint(value);
      writer.varint(7);
      const bytes = writer.finish();
      const reader = new Reader(bytes, 1);
      assert.equal(reader.int64(bytes.length), 7n);
      assert.equal(reader.int64(bytes.length), BigInt(value));
      assert.equal(reader.pos, bytes.length);
      if (value >= 0) assert.equal(bytes.length - 1, Math.max(1, Math.ceil(BigInt(value).toString(2).length / 7)));
    }
  });

  it('puts bytes and texts of every length in front of each other, growing as it must', () => {
    const writer = new WriteWriter(1);
    const parts = [0, 1, 5, 47, 48, 49, 300].map((length) => Uint8Array.from({ length }, (_, i) => i));
    for (const part of parts) writer.raw(part);
    writer.text(0x0a, 'größe');
    assert.deepEqual([...writer.finish()], [0x0a, 7, ...Buffer.from('größe'), ...parts.reverse().flatMap((part) => [...part])]);
  });
});
