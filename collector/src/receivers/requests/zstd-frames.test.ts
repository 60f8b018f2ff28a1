import assert from 'node:assert/strict';
import fc from 'fast-check';
import { zstdFrames } from './zstd-frames.js';

const LIMIT = 16 * 2 ** 20;

/** A frame of raw blocks, which need no compressor: as RFC 8878 has it. */
function frame(content: Buffer, { says = true, checksum = false, blockBytes = 1000, windowDescriptor = 0x38 } = {}): Buffer {
  const header = Buffer.alloc(says ? 10 : 6);
  header.writeUInt32LE(0xfd2fb528, 0);
  header[4] = (says ? 0x80 : 0) | (checksum ? 4 : 0);
  header[5] = windowDescriptor;
  if (says) header.writeUInt32LE(content.length, 6);
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length || blocks.length === 0; at += blockBytes) {
    const piece = content.subarray(at, at + blockBytes);
    const blockHeader = Buffer.alloc(3);
    blockHeader.writeUIntLE((piece.length << 3) | (at + blockBytes >= content.length ? 1 : 0), 0, 3);
    blocks.push(blockHeader, piece);
  }
  return Buffer.concat([header, ...blocks, Buffer.alloc(checksum ? 4 : 0)]);
}

function skippable(bytes: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a53, 0);
  header.writeUInt32LE(bytes, 4);
  return Buffer.concat([header, Buffer.alloc(bytes, 0xff)]);
}

describe('receivers/requests/zstd-frames', () => {
  it('are found, whatever stands between them, and are cut off wherever they are not whole', () => {
    const one = fc.record({ bytes: fc.integer({ min: 0, max: 3000 }), says: fc.boolean(), checksum: fc.boolean(), skip: fc.option(fc.integer({ min: 0, max: 50 })) });
    fc.assert(fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), fc.nat(), (all, cut) => {
      const parts = all.map(({ bytes, skip, ...options }) => ({ skip, says: options.says, bytes, frame: frame(Buffer.alloc(bytes, 7), options) }));
      const body = Buffer.concat(parts.flatMap(({ skip, frame: each }) => [...(skip === null ? [] : [skippable(skip)]), each]));
      const found = zstdFrames(body, LIMIT);
      assert.deepEqual(found.map(({ length }) => length), parts.map(({ says, bytes }) => (says ? bytes : null)));
      assert.ok(found.every(({ bytes }, i) => bytes.equals(parts[i]!.frame)));
      const end = cut % body.length;
      const whole = zstdFrames.bind(null, body.subarray(0, end), LIMIT);
      let ends = 0;
      const boundaries = new Set([...parts.flatMap(({ skip, frame: each }) => [skip === null ? ends : (ends += skip + 8), (ends += each.length)])]);
      if (end > 0 && boundaries.has(end)) assert.doesNotThrow(whole);
      else assert.throws(whole, /cut off/);
    }));
  });

  it('are refused where they are something else, or ask for too much memory', () => {
    const content = Buffer.alloc(10);
    assert.throws(() => zstdFrames(Buffer.from('no zstd at all'), LIMIT), /no zstd frame at byte 0/);
    assert.throws(() => zstdFrames(Buffer.concat([frame(content), Buffer.from('trash')]), LIMIT), /no zstd frame at byte 23/);
    const reserved = frame(content);
    reserved[10]! |= 6;
    assert.throws(() => zstdFrames(reserved, LIMIT), /unknown type at byte 10/);
    assert.throws(() => zstdFrames(frame(content, { windowDescriptor: 0xf8 }), LIMIT), /a zstd window of 2199023255552 bytes is larger than the limit of 16777216/);
  });
});
