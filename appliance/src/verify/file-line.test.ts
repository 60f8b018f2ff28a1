import { strict as assert } from 'node:assert';
import { gunzipSync } from 'node:zlib';
import { newEntry } from '@signalbox/collector/parsing/entry';
import { entryParser, FORMATS, type Format } from '@signalbox/collector/parsing/parse-line';
import { fileBytes, linesOf } from './file-line.js';
import { makeMarked } from './marked.js';

const marked = makeMarked(1_700_000_000_123_000_000n);
const lineOf = (config: Parameters<typeof linesOf>[0], of = marked): string => linesOf(config, of)[0] ?? '';
const plain = { encoding: 'utf-8' as const, compression: '' as const };

describe('verify/file-line', () => {
  for (const format of FORMATS.filter((each) => each !== 'regex')) {
    it(`writes a line that the format ${format} reads`, () => {
      const line = lineOf({ parse: format, operators: [] });
      const entry = newEntry(line);
      assert.ok(entryParser(format, { defaultZone: '', body: true })(line, entry));
      assert.ok([entry.body, ...entry.attributes.values()].map(String).join().includes(marked.marker));
      if (format === 'json' || format === 'logfmt' || format === 'auto') {
        assert.equal(entry.traceId, marked.traceId);
        assert.equal(entry.timeNs, marked.nowNs);
      } else assert.ok(line.includes(marked.traceId));
    });
  }

  it('goes by the first operator that reads a format', () => {
    const like = (type: string): Format => ({ json_parser: 'json', key_value_parser: 'logfmt', container: 'cri' } as const)[type] ?? 'json';
    for (const type of ['json_parser', 'key_value_parser', 'container', 'regex_parser']) {
      assert.equal(lineOf({ operators: [{ type: 'add' }, { type }] }), lineOf({ parse: like(type), operators: [] }));
    }
  });

  it('writes in the encoding and compression of the receiver', () => {
    const text = fileBytes(plain, 'a line').toString();
    assert.equal(text, 'a line\n');
    assert.equal(fileBytes({ ...plain, encoding: 'utf-16le' }, 'a line').toString('utf16le'), text);
    assert.equal(fileBytes({ ...plain, encoding: 'utf-16be' }, 'a line').swap16().toString('utf16le'), text);
    assert.equal(gunzipSync(fileBytes({ ...plain, compression: 'gzip' }, 'a line')).toString(), text);
  });
});
