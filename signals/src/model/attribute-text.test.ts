import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anyValue, attributes } from '../../test-definitions/otlp-arbitraries.js';
import { attribute, attributesFromJson, attributesToJson, attributeText, valueFromJson, valueToJson } from './attribute-text.js';
import { KeyValueList } from './attributes.js';
import type { AnyValue } from './attributes.js';
import { serviceName } from './service.js';

const kvlist = (...entries: [string, AnyValue][]): KeyValueList => new KeyValueList(entries.map(([key, value]) => ({ key, value })));

describe('model/attribute-text', () => {
  const table: [AnyValue, typed: string, plain: string][] = [
    ['text', '"text"', 'text'],
    ['', '""', ''],
    ['a "b"\n\\', '"a \\"b\\"\\n\\\\"', 'a "b"\n\\'],
    [true, 'true', 'true'],
    [1n, '1', '1'],
    [-9223372036854775808n, '-9223372036854775808', '-9223372036854775808'],
    [9223372036854775807n, '9223372036854775807', '9223372036854775807'],
    [1, '1.0', '1'],
    [0, '0.0', '0'],
    [-0, '-0.0', '0'],
    [0.1, '0.1', '0.1'],
    [1e21, '1e+21', '1e+21'],
    [1e-7, '1e-7', '1e-7'],
    [NaN, '{"doubleValue":"NaN"}', 'NaN'],
    [-Infinity, '{"doubleValue":"-Infinity"}', '-Infinity'],
    [Uint8Array.of(1, 2, 255), '{"bytesValue":"AQL/"}', 'AQL/'],
    [null, 'null', ''],
    [[1n, 1, 'a', null, [Uint8Array.of(0)]], '[1,1.0,"a",null,[{"bytesValue":"AA=="}]]', '[1,1,"a",null,["AA=="]]'],
    [kvlist(['b', 1], ['a', 'x']), '{"b":1.0,"a":"x"}', '{"a":"x","b":1}'],
    [kvlist(), '{}', '{}'],
    [kvlist(['bytesValue', 'AQL/']), '{"kvlistValue":[{"key":"bytesValue","value":"AQL/"}]}', '{"bytesValue":"AQL/"}'],
    [kvlist(['kvlistValue', [kvlist(['key', 'a'], ['value', 1n])]]),
      '{"kvlistValue":[{"key":"kvlistValue","value":[{"key":"a","value":1}]}]}', '{"kvlistValue":[{"key":"a","value":1}]}'],
  ];
  for (const [value, typed, plain] of table) {
    it(`writes ${typed} and reads it back`, () => {
      assert.equal(valueToJson(value), typed);
      assert.deepStrictEqual(valueFromJson(typed), value);
      assert.equal(attributeText(value), plain);
    });
  }

  it('reads back whatever it wrote', () => {
    fc.assert(fc.property(attributes, (list) => assert.deepStrictEqual(attributesFromJson(attributesToJson(list)), list)), { numRuns: 500 });
    fc.assert(fc.property(anyValue, (value) => assert.deepStrictEqual(valueFromJson(valueToJson(value)), value)), { numRuns: 500 });
  });

  it('writes what any JSON parser reads', () => {
    fc.assert(fc.property(attributes, (list) => {
      const parsed: unknown = JSON.parse(attributesToJson(list));
      assert.deepEqual(new Set(Object.keys(parsed as object)), new Set(list.map(({ key }) => key)));
    }));
  });

  it('keeps a key that stands twice, and finds the first', () => {
    const twice = [{ key: 'a', value: 1n }, { key: 'a', value: 'b' }];
    assert.equal(attributesToJson(twice), '{"a":1,"a":"b"}');
    assert.deepStrictEqual(attributesFromJson('{"a":1,"a":"b"}'), twice);
    assert.equal(attribute(twice, 'a'), 1n);
    assert.equal(attribute(twice, 'b'), undefined);
  });

  it('reads a single attribute with a reserved name as what it is', () => {
    assert.deepStrictEqual(attributesFromJson('{"bytesValue":"AQL/"}'), [{ key: 'bytesValue', value: 'AQL/' }]);
  });

  it('says where text is not typed JSON', () => {
    for (const [text, at] of [
      ['', 0], ['{', 1], ['[]', 0], ['{"a"}', 4], ['{"a":}', 5], ['{"a":1', 6], ['{"a":1}x', 7], ['{"a":01}', 6], ['{"a":"b}', 8],
      ['{"a":"\\q"}', 8], ['{"a":"\n"}', 9], ['{a:1}', 1], ['{"a":nul}', 5], ['{"a":-}', 5],
    ] as const) {
      assert.throws(() => attributesFromJson(text), { name: 'SyntaxError', message: new RegExp(`at character ${at}$`) }, text);
    }
    assert.throws(() => valueFromJson('['.repeat(100_000)), SyntaxError);
    assert.throws(() => valueFromJson('{"a":'.repeat(100_000)), SyntaxError);
  });
});

describe('model/service', () => {
  it('is the service.name of the resource', () => {
    const resource = (value: AnyValue): Parameters<typeof serviceName>[0] => ({ attributes: [{ key: 'service.name', value }], droppedAttributesCount: 0 });
    assert.equal(serviceName(resource('shop')), 'shop');
    assert.equal(serviceName(resource(5n)), '5');
    assert.equal(serviceName(resource('')), 'unknown_service');
    assert.equal(serviceName({ attributes: [], droppedAttributesCount: 0 }), 'unknown_service');
    assert.equal(serviceName(null), 'unknown_service');
  });
});
