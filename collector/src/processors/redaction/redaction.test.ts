import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { detachedPlace } from '../../config/place.js';
import type { Processor } from '../../component.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { attributes, frozen, log, logs, logsOf, metric, metrics, metricsOf, plain, point, span, spansOf, traces, value, type Plain } from '../editing/fixture.test.js';
import { redaction } from './index.js';

const make = (raw: unknown): Processor => redaction.create(redaction.parseConfig(raw, detachedPlace('test')), testContext());
const on = (raw: unknown, given: { readonly [key: string]: Plain }): Record<string, unknown> => plain(spansOf(make(raw).process(frozen(batchOf('default', traces([span({ attributes: attributes(given) })], {})))).batch)[0].attributes);

describe('processors/redaction', () => {
  it('keeps the allowed keys, and without any none', () => {
    assert.deepEqual(on({ allowed_keys: ['a'] }, { a: '1', b: '2' }), { a: '1' });
    assert.deepEqual(on({}, { a: '1' }), {});
    assert.deepEqual(on({ allow_all_keys: true }, { a: '1' }), { a: '1' });
  });

  it('masks values, and keys', () => {
    assert.deepEqual(on({ allow_all_keys: true, blocked_values: ['4[0-9]{3}', 'secret-\\w+'] }, { a: 'x 4123 y secret-1', n: 4123n, l: ['4123', 1n] }), { a: 'x **** y ****', n: 4123n, l: ['****', 1n] });
    assert.deepEqual(on({ allow_all_keys: true, redact_all_types: true, blocked_values: ['^4123$'] }, { n: 4123n, m: 5n }), { n: '****', m: 5n });
    assert.deepEqual(on({ allow_all_keys: true, blocked_key_patterns: ['token'], ignored_keys: ['token.count'] }, { 'auth.token': 'abc', 'token.count': 3n, map: { token: 'x', k: 'y' } }), { 'auth.token': '****', 'token.count': 3n, map: { token: '****', k: 'y' } });
    assert.deepEqual(on({ allow_all_keys: true, blocked_values: ['.+@.+'], allowed_values: ['@example\\.com$'] }, { a: 'x@example.com', b: 'x@other.org' }), { a: 'x@example.com', b: '****' });
    assert.deepEqual(on({ allow_all_keys: true, blocked_values: ['abc'], hash_function: 'sha1' }, { a: 'abc!' }), { a: `${createHash('sha1').update('abc').digest('hex')}!` });
  });

  it('says what it did', () => {
    const config = { allowed_keys: ['a', 'b'], ignored_keys: ['i'], blocked_values: ['x'] };
    assert.deepEqual(on({ ...config, summary: 'debug' }, { a: 'x', b: 'y', c: 'z', i: 'x' }), { a: '****', b: 'y', i: 'x', 'redaction.redacted.keys': 'c', 'redaction.redacted.count': 1n, 'redaction.masked.keys': 'a', 'redaction.masked.count': 1n, 'redaction.ignored.count': 1n });
    assert.deepEqual(on({ ...config, summary: 'info' }, { a: 'x' }), { a: '****', 'redaction.masked.count': 1n });
    assert.deepEqual(on({ ...config, summary: 'info' }, { a: 'y' }), { a: 'y' });
  });

  const named: [string, string, string][] = [
    ['emails', 'from bob.x+y@mail.example.com!', 'from ****!'], ['emails', 'no @ mail', 'no @ mail'],
    ['cards', 'card 4111 1111 1111 1111 ok', 'card **** ok'], ['cards', 'card 4111-1111-1111-1112 ok', 'card 4111-1111-1111-1112 ok'], ['cards', '378282246310005', '****'], ['cards', 'id 1700000000000 at', 'id 1700000000000 at'],
    ['secrets', 'key AKIAIOSFODNN7EXAMPLE end', 'key **** end'], ['secrets', `ghp_${'a'.repeat(36)}`, '****'], ['secrets', 'Authorization: Bearer abcdef123456', 'Authorization: ****'], ['secrets', 'user=x password=hunter2 y', 'user=x **** y'],
    ['secrets', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '****'], ['secrets', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '****'], ['secrets', 'the password is long', 'the password is long'],
  ];
  for (const [name, text, expected] of named) it(`${name}: ${text.slice(0, 40)}`, () => assert.equal(on({ allow_all_keys: true, patterns: [name] }, { a: text })['a'], expected));

  it('looks everywhere: resources, events, bodies, exemplars', () => {
    const config = { allow_all_keys: true, patterns: ['emails'] };
    const event = { timeNs: 1n, name: 'e', attributes: attributes({ to: 'a@b.cd' }), droppedAttributesCount: 0 };
    const { batch } = make(config).process(frozen(batchOf('default', traces([span({ events: [event] })], { owner: 'a@b.cd' }))));
    assert.deepEqual(plain(spansOf(batch)[0].events[0].attributes), { to: '****' });
    assert.ok(batch.parts[0].data.signal === 'traces');
    assert.deepEqual(plain(batch.parts[0].data.traces.resourceSpans[0].resource!.attributes), { owner: '****' });
    assert.deepEqual(logsOf(make(config).process(frozen(batchOf('default', logs([log({ body: 'to a@b.cd' }), log({ body: value({ m: ['a@b.cd'] }) })])))).batch).map(({ body }) => body), ['to ****', value({ m: ['****'] })]);
    const exemplar = { filteredAttributes: attributes({ user: 'a@b.cd' }), timeNs: 1n, value: 1, spanId: '', traceId: '' };
    const [{ values }] = metricsOf(make(config).process(frozen(batchOf('default', metrics([metric('m', { type: 'gauge', dataPoints: [point({ exemplars: [exemplar] })] })])))).batch);
    assert.ok(values.type === 'gauge');
    assert.deepEqual(plain(values.dataPoints[0].exemplars[0].filteredAttributes), { user: '****' });
  });

  it('passes on what holds nothing to hide, and takes no time over traps', () => {
    const batch = frozen(batchOf('default', traces([span({ attributes: attributes({ a: 'fine', n: 1n, m: { k: ['v'] } }) })])));
    assert.equal(make({ allow_all_keys: true, patterns: ['secrets', 'cards', 'emails'], blocked_values: ['(a+)+$'] }).process(batch).batch, batch);
    const trap = 'a'.repeat(50_000) + '@' + 'a.'.repeat(20_000);
    assert.equal(typeof on({ allow_all_keys: true, patterns: ['emails', 'secrets'], blocked_values: ['(a+)+b'] }, { trap })['trap'], 'string');
    assert.throws(() => redaction.parseConfig({ blocked_values: ['('], patterns: ['email'], summary: 'all' }, detachedPlace('test')), /blocked_values\[0\]: not a regular expression[\s\S]*Did you mean 'emails'[\s\S]*summary: one of: debug, info, silent/);
  });
});
