import { strict as assert } from 'node:assert';
import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import { AttributeBytes } from './attribute-bytes.js';
import { DocumentIds } from '../documents/document-id.js';
import { JsonBuffer } from './json-buffer.js';
import { attributesText, stringText, timeText } from './json-text.js';

const TEXTS = ['', 'plain', 'with "quotes" and \\ and /', 'line\nfeed\ttab\u0000nul\u001f', '\u007f', 'größe', '日本', '😀', 'half \ud83d', '\udc00 half', 'x'.repeat(95), 'x'.repeat(97), 'x'.repeat(5000), `${'x'.repeat(5000)}"`, `${'x'.repeat(5000)}ü\ud800`, 'é'.repeat(96)];

/** What is written, from a buffer that has to grow for it. */
function written(write: (out: JsonBuffer) => void): string {
  const out = new JsonBuffer(1);
  write(out);
  return out.written().toString('utf8');
}

describe('exporters/elasticsearch: bytes', () => {
  it('writes strings as JSON has them', () => {
    for (const text of TEXTS) assert.equal(written((out) => out.string(text)), stringText(text), JSON.stringify(text).slice(0, 40));
    assert.equal(written((out) => TEXTS.forEach((text) => out.string(text))), TEXTS.map(stringText).join(''));
  });

  it('writes times with all of their digits', () => {
    const times = [0n, 1n, 999_999_999n, 1_000_000_000n, 1_700_000_000_000_000_000n, 1_700_000_000_123_456_789n, 1_700_000_000_999_999_999n, 2n ** 63n, 2n ** 64n - 1n];
    for (const time of times) assert.equal(written((out) => out.time(time)), timeText(time));
    assert.equal(written((out) => times.forEach((time) => out.time(time))), times.map(timeText).join(''));
  });

  it('writes ids as they are made elsewhere', () => {
    const ids = new DocumentIds('0190a7c5-1e3f-7a0b-9c2d-3e4f5a6b7c8d');
    for (const position of [0, 1, 127, 128, 16_384, 2 ** 31, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER]) {
      const frame = ids.in(position);
      for (const ordinal of [0, 1, 127, 128, 300, 70_000, 2 ** 32]) {
        const begin = Buffer.from(frame.begin).toString();
        assert.equal(begin + written((out) => frame.write(out, ordinal, -1)), ids.of(position, ordinal));
        assert.equal(begin + written((out) => frame.write(out, ordinal, 200)), ids.of(position, ordinal, 200));
      }
    }
  });

  it('writes the elements of a list in one type', () => {
    const text = (value: AnyValue): string => attributesText([{ key: 'a', value }]);
    assert.equal(text([1n, 2n, null]), '{"a":[1,2,null]}');
    assert.equal(text([1n, 2.5, null]), '{"a":[1.0,2.5,null]}');
    assert.equal(text([1n, NaN]), '{"a":["1","NaN"]}');
    assert.equal(text(['a', 1n, true, 2.5, [1n], null]), '{"a":["a","1","true","2.5","[1]",null]}');
    assert.equal(text([true, false]), '{"a":[true,false]}');
  });

  it('writes attributes as their text', () => {
    const values: AnyValue[] = [...TEXTS, 1n, -(2n ** 63n), 1, 0.5, -0, NaN, 1e300, true, false, null, Uint8Array.of(1, 2, 255), [], ['a', 1n, [true], null], new KeyValueList([{ key: 'b', value: 1n }, { key: 'c', value: new KeyValueList([]) }])];
    const lists: Attributes[] = [
      [], [{ key: 'n', value: null }], values.map((value, i) => ({ key: `key.${i}`, value })), ...values.map((value) => [{ key: 'a', value }, { key: 'z', value: 'last' }]),
      [{ key: 'twice', value: 1n }, { key: 'other', value: 2n }, { key: 'twice', value: 'last' }], [{ key: '', value: 1n }, { key: '_', value: 2n }, { key: 'a..b', value: 3n }],
      [{ key: 'data_stream.dataset', value: 'x' }, { key: 'data_streams', value: 'kept' }, { key: 'elasticsearch.index', value: 'y' }], [{ key: 'ü"\\\ud800', value: 'odd key' }], [{ key: '__proto__', value: 'p' }],
    ];
    const attributes = new AttributeBytes();
    for (let round = 0; round < 2; round++) for (const list of lists) assert.equal(written((out) => attributes.write(out, list)), attributesText(list));
    const many = Array.from({ length: 25_000 }, (_, i) => ({ key: `many.${i}`, value: BigInt(i) }));
    assert.equal(written((out) => attributes.write(out, [...many, { key: 'many.0', value: 'again' }])), attributesText([...many, { key: 'many.0', value: 'again' }]));
    assert.equal(written((out) => attributes.write(out, lists[2]!)), attributesText(lists[2]!));
  });
});
