import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineEncoding } from './encoding.js';
import { RecordCutter, type LinePatterns } from './record-cutter.js';

/** Records of a stream that comes in blocks, what is left of one in front of the next. */
function cutAll(bytes: Buffer, blocks: readonly number[], encoding: Parameters<typeof lineEncoding>[0], patterns: LinePatterns | null, max: number): string[] {
  const line = lineEncoding(encoding);
  const cutter = new RecordCutter(line, patterns, max);
  const records: string[] = [];
  let at = 0;
  const ends = [...blocks.map((each) => each % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  ends.forEach((end, i) => {
    if (end < at) return;
    const block = Buffer.from(bytes.subarray(at, end));
    for (cutter.begin(block, 0, block.length, i === ends.length - 1); cutter.next();) records.push(line.text(block, cutter.start, cutter.end));
    at += Math.min(cutter.consumed, block.length);
  });
  return records;
}

describe('receivers/filelog/records/record-cutter', () => {
  const lines = fc.array(fc.stringMatching(/^[a-cäĊ ]{0,12}$/), { minLength: 1, maxLength: 20 });
  const blocks = fc.array(fc.nat(400), { maxLength: 6 });

  for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const) {
    it(`finds the same lines in any blocks of ${encoding}`, () => {
      fc.assert(fc.property(lines, blocks, (texts, at) => {
        const utf16 = Buffer.from(`${texts.join('\n')}\n`, 'utf16le');
        const bytes = encoding === 'utf-8' ? Buffer.from(`${texts.join('\n')}\n`) : encoding === 'utf-16le' ? utf16 : Buffer.from(utf16).swap16();
        assert.deepEqual(cutAll(bytes, at, encoding, null, 1000), texts);
      }));
    });
  }

  it('finds the same records of several lines in any blocks', () => {
    fc.assert(fc.property(lines, blocks, (texts, at) => {
      const expected: string[] = [];
      for (const text of texts) {
        if (expected.length === 0 || text.startsWith('a')) expected.push(text);
        else expected[expected.length - 1] += `\n${text}`;
      }
      // An empty line at the end is the end of the one before it.
      const shown = (records: readonly string[]): string[] => records.map((record) => record.trimEnd()).filter((record) => record !== '');
      assert.deepEqual(shown(cutAll(Buffer.from(texts.join('\n')), at, 'utf-8', { starts: (line) => line.startsWith('a') }, 1000)), shown(expected));
    }));
  });

  it('loses nothing of what is too long', () => {
    fc.assert(fc.property(lines, blocks, fc.integer({ min: 4, max: 9 }), (texts, at, max) => {
      const bytes = Buffer.from(texts.join('\n'));
      const records = cutAll(bytes, at, 'utf-8', null, max);
      assert.ok(records.every((record) => Buffer.byteLength(record) <= max && !record.includes('\ufffd')));
      assert.equal(records.join(''), texts.join(''));
    }));
  });
});
