import { strict as assert } from 'node:assert';
import { KeyValueList, type AnyValue } from '../model/attributes.js';
import { decimal } from './decimal.js';
import { lokiLabelName, prometheusLabelName } from './label-name.js';
import { labelValue } from './label-value.js';

describe('prometheus/label-name', () => {
  /** key, Prometheus' name, Loki's */
  const names: readonly (readonly [string, string, string])[] = [
    ['http.request.method', 'http_request_method', 'http_request_method'],
    ['a..b', 'a__b', 'a_b'],
    ['a__b', 'a__b', 'a_b'],
    ['_private', 'key_private', '_private'],
    ['.hidden', 'key_hidden', '_hidden'],
    ['__private', '__private', '_private'],
    ['__reserved__', '__reserved__', '__reserved__'],
    ['__a.b__', '__a_b__', '__a_b__'],
    ['123', 'key_123', 'key_123'],
    ['key', 'key', 'key'],
    ['naïve', 'na_ve', 'na_ve'],
    ['größe', 'gr__e', 'gr_e'],
    ['a😀b', 'a_b', 'a_b'],
    ['ends.', 'ends_', 'ends_'],
    ['日', 'key_e697a5', 'key_e697a5'],
    ['', 'key_', 'key_'],
    ['____', 'key_5f5f5f5f', 'key_5f5f5f5f'],
  ];
  for (const [key, prometheus, loki] of names) {
    it(`${JSON.stringify(key)} → ${prometheus}, ${loki}`, () => {
      assert.equal(prometheusLabelName(key), prometheus);
      assert.equal(lokiLabelName(key), loki);
    });
  }
});

describe('prometheus/label-value', () => {
  const values: readonly (readonly [AnyValue, string])[] = [
    ['text', 'text'],
    ['', ''],
    [null, ''],
    [true, 'true'],
    [9223372036854775807n, '9223372036854775807'],
    [1, '1'],
    [0.5, '0.5'],
    [1e21, '1e+21'],
    [new Uint8Array([255, 0]), '/wA='],
    [['a', 1n, null], '["a",1,null]'],
    [new KeyValueList([{ key: 'b', value: 1n }, { key: 'a', value: new KeyValueList([]) }]), '{"a":{},"b":1}'],
    [new KeyValueList([{ key: 'a', value: 1n }, { key: 'a', value: NaN }]), '{"a":"NaN"}'],
    [[new Uint8Array([1])], '["AQ=="]'],
  ];
  for (const [value, expected] of values) {
    it(`gives ${JSON.stringify(expected)}`, () => assert.equal(labelValue(value), expected));
  }
});

describe('prometheus/decimal', () => {
  for (const [value, expected] of [
    [1, '1'], [0.005, '0.005'], [1e21, '1000000000000000000000'], [1.5e22, '15000000000000000000000'],
    [1e-7, '0.0000001'], [1.25e-9, '0.00000000125'], [-2.5e-7, '-0.00000025'], [Infinity, '+Inf'], [-Infinity, '-Inf'], [NaN, 'NaN'], [-0, '-0'],
  ] as const) {
    it(`${expected}`, () => {
      assert.equal(decimal(value), expected);
      if (Number.isFinite(value)) assert.equal(Number(decimal(value)), value);
    });
  }
});
