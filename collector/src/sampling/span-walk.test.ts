import assert from 'node:assert/strict';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { sameTrace, traceIdAt } from './span-walk.js';

describe('sampling/span-walk', () => {
  let seed = 3;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const bytesOf = (length: number): number[] => Array.from({ length }, () => random(256));
  /** A varint, sometimes longer than it need be. */
  const varint = (value: number): number[] => {
    const out: number[] = [];
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
    out.push(Math.floor(value / 128 ** out.length));
    return random(4) === 0 ? [...out.slice(0, -1), out.at(-1)! | 128, 0] : out;
  };
  const field = (number: number, type: number): number[] => varint(number * 8 + type);
  const PARTS: readonly (() => number[])[] = [
    () => [...field(1, 2), ...varint(16), ...bytesOf(16)],
    () => [...field(1, 2), ...varint(8), ...bytesOf(8)],
    () => [...field(9, 2), ...((length) => [...varint(length), ...bytesOf(length)])(random(300))],
    () => [...field(7, 1), ...bytesOf(8)],
    () => [...field(16, 5), ...bytesOf(4)],
    () => [...field(6, 0), ...varint(random(100_000))],
    () => [...field(1, 0), ...varint(random(300))],
    () => [...field(20, 3), ...field(1, 2), ...varint(16), ...bytesOf(16), ...field(20, 4)],
  ];

  /** Field by field, as all other reading is. */
  function slowly(reader: Reader, end: number): number {
    let at = -1;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) {
        const to = reader.limit(end);
        at = to - reader.pos === 16 ? reader.pos : -1;
        reader.pos = to;
      } else reader.skip(tag, end);
    }
    return at;
  }

  function outcome(find: (reader: Reader, end: number) => number, bytes: Buffer, end: number): unknown {
    try {
      return find(new Reader(bytes, MAX_DEPTH_CEILING), end);
    } catch (error) {
      assert.ok(error instanceof OtlpError);
      return error.message;
    }
  }

  it('finds the trace id in whatever a span may be written as, and the same mistakes', () => {
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(Array.from({ length: random(8) }, () => PARTS[random(PARTS.length)]()).flat());
      // Cut off, or with a byte that is another.
      if (round % 3 === 1 && bytes.length > 0) bytes[random(bytes.length)] = random(256);
      const end = round % 3 === 2 ? random(bytes.length + 1) : bytes.length;
      assert.deepEqual(outcome(traceIdAt, bytes, end), outcome(slowly, bytes, end), bytes.toString('hex'));
    }
  });

  it('tells ids apart by every byte', () => {
    const bytes = Buffer.from([...bytesOf(16), ...bytesOf(3)]);
    const both = Buffer.concat([bytes, bytes]);
    assert.equal(sameTrace(both, 0, 19), true);
    for (let i = 0; i < 16; i++) {
      const other = Buffer.from(both);
      other[19 + i] ^= 1;
      assert.equal(sameTrace(other, 0, 19), false);
    }
  });
});
