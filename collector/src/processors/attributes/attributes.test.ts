import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import type { Processor } from '../../component.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { attributes as list, frozen, log, logs, logsOf, metric, metrics, metricsOf, plain, point, span, spansOf, traces, type Plain } from '../editing/fixture.test.js';
import { resource } from '../resource/index.js';
import { attributes } from './index.js';

const make = (raw: unknown): Processor => attributes.create(attributes.parseConfig(raw, detachedPlace('test')), testContext());
const on = (raw: unknown, given: { readonly [key: string]: Plain }): Record<string, unknown> => plain(spansOf(make(raw).process(frozen(batchOf('default', traces([span({ attributes: list(given) })])))).batch)[0].attributes);
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('processors/attributes', () => {
  const table: [Record<string, unknown>, { readonly [key: string]: Plain }, Record<string, unknown>][] = [
    [{ key: 'a', value: 1, action: 'insert' }, {}, { a: 1n }],
    [{ key: 'a', value: 1, action: 'insert' }, { a: 'x' }, { a: 'x' }],
    [{ key: 'a', value: 1.5, action: 'update' }, { a: 'x' }, { a: 1.5 }],
    [{ key: 'a', value: true, action: 'update' }, {}, {}],
    [{ key: 'a', value: ['x', 2], action: 'upsert' }, {}, { a: ['x', 2n] }],
    [{ key: 'a', from_attribute: 'b', action: 'upsert' }, { b: 'y' }, { b: 'y', a: 'y' }],
    [{ key: 'a', from_attribute: 'none', action: 'upsert' }, { b: 'y' }, { b: 'y' }],
    [{ key: 'a', action: 'delete' }, { a: 1n, b: 2n }, { b: 2n }],
    [{ pattern: '^http\\.', action: 'delete' }, { 'http.a': 1n, b: 2n }, { b: 2n }],
    [{ key: 'a', action: 'hash' }, { a: 'x' }, { a: sha256('x') }],
    [{ key: 'a', action: 'hash' }, { a: 1n }, { a: sha256(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)) }],
    [{ key: 'url', pattern: '^(?P<scheme>[a-z]+)://(?P<host>[^/]+)', action: 'extract' }, { url: 'https://a.b/c' }, { url: 'https://a.b/c', scheme: 'https', host: 'a.b' }],
    [{ key: 'a', action: 'convert', converted_type: 'int' }, { a: '12' }, { a: 12n }],
    [{ key: 'a', action: 'convert', converted_type: 'int' }, { a: 'x' }, { a: 'x' }],
    [{ key: 'a', action: 'convert', converted_type: 'double' }, { a: '1.5' }, { a: 1.5 }],
    [{ key: 'a', action: 'convert', converted_type: 'string' }, { a: 5n }, { a: '5' }],
  ];
  for (const [action, given, expected] of table) it(`${JSON.stringify(action)} on ${Object.keys(given).join() || 'nothing'}`, () => assert.deepEqual(on({ actions: [action] }, given), expected));

  it('changes what matches, and passes on everything else as it is', () => {
    const actions = [{ key: 'seen', value: true, action: 'upsert' }];
    const seen = (raw: object): unknown[] => spansOf(make({ actions, ...raw }).process(frozen(batchOf('default', traces([span({ name: 'a', attributes: list({ k: 'v', n: 1n }) }), span({ name: 'b', kind: 3 })])))).batch).map((each) => plain(each.attributes)['seen'] ?? false);
    assert.deepEqual(seen({ include: { match_type: 'strict', span_names: ['a'] } }), [true, false]);
    assert.deepEqual(seen({ include: { match_type: 'regexp', span_names: ['^[ab]$'] }, exclude: { match_type: 'strict', attributes: [{ key: 'n', value: 1 }] } }), [false, true]);
    assert.deepEqual(seen({ include: { match_type: 'strict', services: ['shop'], span_kinds: ['SPAN_KIND_CLIENT'] } }), [false, true]);
    assert.deepEqual(seen({ include: { match_type: 'strict', services: ['other'] } }), [false, false]);
    assert.deepEqual(seen({ include: { match_type: 'regexp', resources: [{ key: 'service.name', value: '^sh' }], libraries: [{ name: 'lib' }] } }), [true, true]);
    const batch = frozen(batchOf('default', traces([span()])));
    assert.equal(make({ actions, include: { match_type: 'strict', span_names: ['x'] } }).process(batch).batch, batch);
  });

  it('takes logs and metrics', () => {
    const include = { match_type: 'strict', log_severity_number: { min: 'ERROR' } };
    const left = logsOf(make({ actions: [{ key: 'a', value: 1, action: 'insert' }], include }).process(frozen(batchOf('default', logs([log(), log({ severityNumber: 17 })])))).batch);
    assert.deepEqual(left.map((each) => plain(each.attributes)), [{}, { a: 1n }]);
    const [{ values }] = metricsOf(make({ actions: [{ key: 'host', action: 'delete' }] }).process(frozen(batchOf('default', metrics([metric('m', { type: 'gauge', dataPoints: [point({ attributes: list({ host: 'x', k: 'v' }) })] })])))).batch);
    assert.ok(values.type === 'gauge');
    assert.deepEqual(plain(values.dataPoints[0].attributes), { k: 'v' });
  });

  it('changes resources', () => {
    const processor = resource.create(resource.parseConfig({ attributes: [{ key: 'env', value: 'prod', action: 'upsert' }, { key: 'service.name', action: 'delete' }] }, detachedPlace('test')), testContext());
    const batch = frozen(batchOf('default', traces([span()]), { resourceSpans: [{ resource: null, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans: [span()] }] }] }));
    const { batch: left } = processor.process(batch);
    assert.deepEqual(left.parts.map(({ data }) => data.signal === 'traces' && plain(data.traces.resourceSpans[0].resource!.attributes)), [{ env: 'prod' }, { env: 'prod' }]);
  });

  const mistakes: [unknown, RegExp][] = [
    [{}, /actions: a value is needed here/], [{ actions: [] }, /one action at least/], [{ actions: [{ key: 'a', action: 'upsrt', value: 1 }] }, /actions\[0\]\.action: one of: insert, update.*Did you mean 'upsert'/], [{ actions: [{ action: 'insert', value: 1 }] }, /key: 'insert' needs a key/],
    [{ actions: [{ key: 'a', action: 'insert' }] }, /needs a value or from_attribute/], [{ actions: [{ key: 'a', action: 'insert', value: 1, from_attribute: 'b' }] }, /one of the two/], [{ actions: [{ key: 'a', action: 'delete', value: 1 }] }, /takes no value/],
    [{ actions: [{ key: 'a', action: 'convert' }] }, /one of int, double, string/], [{ actions: [{ key: 'a', action: 'extract', pattern: '(a)' }] }, /no named group/], [{ actions: [{ action: 'delete', pattern: '(' }] }, /not a regular expression of RE2/],
    [{ actions: [{ key: 'a', action: 'delete' }], include: { match_type: 'strict' } }, /nothing is given that could match/], [{ actions: [{ key: 'a', action: 'delete' }], include: { match_type: 'regexp', services: ['('] } }, /include\.services\[0\]: not a regular expression/],
    [{ actions: [{ key: 'a', action: 'delete', form_attribute: 'x' }] }, /unknown key 'form_attribute'.*Did you mean 'from_attribute'/],
  ];
  for (const [raw, reason] of mistakes) it(`refuses ${JSON.stringify(raw)}`, () => assert.throws(() => attributes.parseConfig(raw, detachedPlace('test')), (error: unknown) => error instanceof ConfigError && (assert.match(error.message, reason), true)));
});
