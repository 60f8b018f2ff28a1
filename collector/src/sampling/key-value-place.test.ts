import assert from 'node:assert/strict';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { KeyValuePlace } from './key-value-place.js';

describe('sampling/key-value-place', () => {
  const field = (tag: number, text: string): number[] => [tag, text.length, ...Buffer.from(text)];
  const place = new KeyValuePlace();

  function found(bytes: readonly number[]): readonly [key: string, value: string | null] {
    const buffer = Buffer.from(bytes);
    const reader = new Reader(buffer, 10);
    place.find(reader, buffer.length);
    assert.equal(reader.pos, buffer.length);
    return [buffer.toString('utf8', place.keyFrom, place.keyTo), place.valueFrom < 0 ? null : buffer.toString('utf8', place.valueFrom, place.valueTo)];
  }

  it('finds key and value in any order, among fields it does not know, and the last of each', () => {
    const [key, value, unknown] = [field(10, 'key'), field(18, 'value'), field(26, 'later')];
    for (const each of [[key, value], [value, key], [unknown, key, unknown, value, unknown], [field(10, 'other'), value, key], [field(18, 'other'), key, value]]) assert.deepEqual(found(each.flat()), ['key', 'value']);
    assert.deepEqual([found(key), found(value), found([])], [['key', null], ['', 'value'], ['', null]]);
  });

  it('says so where bytes are missing', () => {
    const bytes = [...field(10, 'key'), ...field(18, 'value')];
    for (const length of [1, 2, 4, 6, 7, 11]) assert.throws(() => found(bytes.slice(0, length)), OtlpError);
  });
});
