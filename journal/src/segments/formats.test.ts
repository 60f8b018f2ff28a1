import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AcceptedCounts } from '../counting/accepted-counts.js';
import type { AcceptedRow } from '../counting/accepted-counts.js';
import { readU64, writeU64 } from '../storage/bytes.js';
import { decodeFrameHeader, encodeFrameHeader, headerBytesOf } from './frame-header.js';
import { expendable } from '../writing/retention.js';
import { decodeSegmentHeader, encodeSegmentHeader } from './segment-header.js';

const name = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'binary', maxLength }).filter((text) => Buffer.byteLength(text) <= 255 && Buffer.from(text).toString() === text);

const header = fc.record({
  signal: fc.constantFrom('traces' as const, 'logs' as const, 'metrics' as const),
  encoding: fc.constantFrom('otlp' as const, 'prometheus' as const),
  tenant: name(60),
  batchId: name(80),
  origin: name(60),
  items: fc.nat(0xffff_ffff),
  rejected: fc.array(fc.nat(0xffff_ffff), { maxLength: 20 }),
  receivedNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  payloadBytes: fc.nat(0xffff_ffff),
  payloadCrc: fc.nat(0xffff_ffff),
});

describe('Formats on disk', () => {
  it('a frame\'s header is read as it was written, at its position and with its salt only', () => {
    fc.assert(fc.property(header, fc.maxSafeNat(), fc.maxSafeNat(), fc.nat(0xffff_ffff), fc.nat(40), (fields, position, acceptedBefore, salt, offset) => {
      const raw = { ...fields, tenant: Buffer.from(fields.tenant), batchId: Buffer.from(fields.batchId), origin: Buffer.from(fields.origin) };
      const headerBytes = headerBytesOf(raw);
      const buffer = Buffer.alloc(offset + headerBytes, 0xaa);
      assert.equal(encodeFrameHeader(buffer, offset, raw, position, acceptedBefore, salt), headerBytes);
      const next = position + Math.ceil((headerBytes + fields.payloadBytes) / 8) * 8;
      assert.deepEqual(decodeFrameHeader(buffer, offset, position, salt), { ...fields, position, next, headerBytes, acceptedBefore });
      assert.equal(decodeFrameHeader(buffer, offset, position + 8, salt), null);
      assert.equal(decodeFrameHeader(buffer, offset, position, (salt ^ 1) >>> 0), null);
      const short = decodeFrameHeader(buffer.subarray(0, -1), offset, position, salt);
      assert.ok(typeof short === 'number' && short <= headerBytes);
    }));
  });

  it('a frame\'s header with any bit flipped is none', () => {
    const raw = { signal: 'logs', encoding: 'otlp', tenant: Buffer.from('tenant'), batchId: Buffer.from('batch'), origin: Buffer.from('otlp'), items: 3, rejected: [1], receivedNs: 5n, payloadBytes: 10, payloadCrc: 7 } as const;
    const buffer = Buffer.alloc(headerBytesOf(raw));
    encodeFrameHeader(buffer, 0, raw, 800, 9, 1234);
    for (let bit = 0; bit < 8 * buffer.length; bit++) {
      const flipped = Buffer.from(buffer);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const read = decodeFrameHeader(flipped, 0, 800, 1234);
      assert.ok(read === null || typeof read === 'number', `bit ${bit}`);
    }
  });

  it('random bytes are no header, and never an exception', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(320), (bytes, offset) => {
      for (const magic of ['', 'SBXF', 'SBXS']) {
        const buffer = Buffer.concat([Buffer.from(magic), bytes]);
        const frame = decodeFrameHeader(buffer, Math.min(offset, buffer.length), 0, 0);
        assert.ok(frame === null || typeof frame === 'number');
        const segment = decodeSegmentHeader(buffer);
        assert.ok(segment === null || typeof segment === 'number');
      }
    }));
  });

  it('a segment\'s header is read as it was written, also in pieces', () => {
    const counts = fc.uniqueArray(fc.tuple(name(60), fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat(), name(20)), { selector: ([tenant, , , , origin]) => `${tenant}\0${origin}`, maxLength: 120 });
    fc.assert(fc.property(fc.maxSafeNat(), fc.maxSafeNat(), fc.nat(0xffff_ffff), fc.uuid(), counts, (sequence, base, salt, journalId, rows) => {
      const encoded = encodeSegmentHeader({ sequence, base, salt, journalId, createdNs: 77n, accepted: AcceptedCounts.fromJSON(rows) });
      assert.equal(encoded.length % 4096, 0);
      const { accepted, ...rest } = decodeSegmentHeader(encoded) as Exclude<ReturnType<typeof decodeSegmentHeader>, number | null>;
      assert.deepEqual(rest, { sequence, base, salt, journalId, createdNs: 77n, dataOffset: encoded.length });
      const sorted = (each: readonly AcceptedRow[]): string[] => each.map((row) => JSON.stringify(row)).sort();
      assert.deepEqual(sorted(accepted.toJSON()), sorted(rows));
      const needed = decodeSegmentHeader(encoded.subarray(0, 100));
      assert.ok(typeof needed !== 'number' || decodeSegmentHeader(encoded.subarray(0, needed)) !== null);
    }));
  });

  it('numbers take 64 bits', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => {
      const buffer = Buffer.alloc(8);
      writeU64(buffer, value, 0);
      assert.equal(buffer.readBigUInt64LE(), BigInt(value));
      assert.equal(readU64(buffer, 0), value);
    }));
  });

  it('retention gives up what all have read, and more only for the cap', () => {
    const sealed = [10, 20, 30, 40].map((end, i) => ({ sequence: i, base: end - 10, end, fileBytes: 100 }));
    assert.deepEqual(expendable(sealed, 200, 1000, 25), { settled: 2, evicted: 0 });
    assert.deepEqual(expendable(sealed, 200, 1000, null), { settled: 0, evicted: 0 });
    assert.deepEqual(expendable(sealed, 200, 450, null), { settled: 0, evicted: 2 });
    assert.deepEqual(expendable(sealed, 200, 350, 15), { settled: 1, evicted: 2 });
    assert.deepEqual(expendable(sealed, 200, 0, 5), { settled: 0, evicted: 4 });
    assert.deepEqual(expendable(sealed, 200, 600, 40), { settled: 4, evicted: 0 });
  });
});
