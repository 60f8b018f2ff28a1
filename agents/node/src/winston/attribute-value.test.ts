import assert from 'node:assert/strict';
import { attributeValue } from './attribute-value.js';

describe('attributeValue', () => {
  const cases: readonly [name: string, value: unknown, expected: unknown][] = [
    ['scalars', { a: 'x', b: 1.5, c: true, d: null }, { a: 'x', b: 1.5, c: true, d: null }],
    ['a small bigint', 12n, 12],
    ['a large bigint', 2n ** 70n, '1180591620717411303424'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a date that is none', new Date(Number.NaN), 'Invalid Date'],
    ['bytes', Buffer.from([1, 2]), new Uint8Array([1, 2])],
    ['a map', new Map([['k', { v: 1 }]]), { k: { v: 1 } }],
    ['a set', new Set([1, 2]), [1, 2]],
    ['what has toJSON', new URL('http://x/y'), 'http://x/y'],
    ['functions and symbols, which show nothing', { f: () => 1, s: Symbol('s'), u: undefined, list: [() => 1] }, { list: [null] }],
    ['a getter that throws', Object.defineProperty({}, 'bad', { enumerable: true, get: () => { throw new Error('no'); } }), { bad: '…' }],
    ['toJSON that throws', { toJSON: () => { throw new Error('no'); } }, '…'],
  ];
  for (const [name, value, expected] of cases) {
    it(`converts ${name}`, () => assert.deepEqual(attributeValue(value), expected));
  }

  it('keeps type, message, stack, cause and own fields of an error', () => {
    const error = Object.assign(new TypeError('declined', { cause: new Error('limit') }), { code: 'E42' });
    const converted = attributeValue(error);
    assert.ok(typeof converted === 'object' && converted !== null && 'cause' in converted);
    assert.deepEqual({ ...converted, stack: '', cause: null }, { type: 'TypeError', message: 'declined', code: 'E42', stack: '', cause: null });
    assert.match(JSON.stringify(converted.cause), /"message":"limit"/);
  });

  it('ends cycles, and shows what stands twice without a cycle twice', () => {
    const loop: { self?: unknown; name: string } = { name: 'a' };
    loop.self = loop;
    assert.deepEqual(attributeValue(loop), { name: 'a', self: '[Circular]' });
    const shared = { x: 1 };
    assert.deepEqual(attributeValue({ a: shared, b: shared }), { a: { x: 1 }, b: { x: 1 } });
  });

  it('bounds depth and number', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 50; level++) deep = { deep };
    assert.ok(JSON.stringify(attributeValue(deep)).length < 200);
    const wide = attributeValue(Array.from({ length: 100_000 }, (_, index) => index));
    assert.ok(Array.isArray(wide) && wide.length <= 1_001);
  });
});
