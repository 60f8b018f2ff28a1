import assert from 'node:assert/strict';
import { attributesToJson, valueToJson } from '@signalbox/signals/model/attribute-text';
import { detachedPlace } from '../../../config/place.js';
import { newEntry, toAnyValue, toAttributes } from '../../../parsing/entry.js';
import { compileOperators } from './compile.js';
import { timeReader } from './time-layout.js';

type Operators = readonly Readonly<Record<string, unknown>>[];

function run(operators: Operators, body: string, path = '/var/log/a.log') {
  const { program, mistakes } = compileOperators(operators, detachedPlace('(test)', ['operators']));
  assert.deepEqual(mistakes, []);
  const entry = newEntry(body);
  const verdict = program!(entry, path);
  return { ...verdict, entry, body: valueToJson(toAnyValue(entry.body)), attributes: attributesToJson(toAttributes(entry.attributes)), resource: attributesToJson(toAttributes(entry.resource ?? new Map())) };
}

const TIME = BigInt(Date.parse('2026-03-04T05:06:07Z')) * 1_000_000n;

describe('receivers/filelog/operators', () => {
  it('parse JSON with time, severity and ids in one', () => {
    const { entry, body, attributes } = run([{
      type: 'json_parser', timestamp: { parse_from: 'attributes.t', layout: '%Y-%m-%d %H:%M:%S' }, severity: { parse_from: 'attributes.lvl', mapping: { error: ['bad', { min: 500, max: 599 }], warn: '4xx' } },
      trace: { trace_id: { parse_from: 'attributes.tid' } },
    }], '{"t":"2026-03-04 05:06:07","lvl":503,"tid":"4bf92f3577b34da6a3ce929d0e0e4736"}');
    assert.deepEqual([entry.timeNs, entry.severityNumber, entry.traceId], [TIME, 17, '4bf92f3577b34da6a3ce929d0e0e4736']);
    assert.match(attributes, /"lvl":503/);
    assert.match(body, /^"\{/);
  });

  const cases: readonly (readonly [operators: Operators, body: string, expected: { readonly body?: string; readonly attributes?: string; readonly resource?: string }])[] = [
    [[{ type: 'regex_parser', regex: '^(?P<a>\\w+) (?<b>\\d+)?' }], 'x 12', { attributes: '{"a":"x","b":"12"}' }],
    [[{ type: 'key_value_parser', delimiter: ':', pair_delimiter: ';' }], 'a: 1;b:"x;y"', { attributes: '{"a":"1","b":"x;y"}' }],
    [[{ type: 'logfmt_parser', parse_to: 'body' }], 'a=1 b="x y"', { body: '{"a":"1","b":"x y"}' }],
    [[{ type: 'json_parser', parse_to: 'body' }, { type: 'move', from: 'body.a.b', to: 'attributes["x.y"]' }], '{"a":{"b":1,"c":2}}', { body: '{"a":{"c":2}}', attributes: '{"x.y":1}' }],
    [[{ type: 'json_parser' }, { type: 'copy', from: 'attributes.a', to: 'resource["service.name"]' }, { type: 'remove', field: 'attributes.b' }], '{"a":"s","b":2}', { attributes: '{"a":"s"}', resource: '{"service.name":"s"}' }],
    [[{ type: 'json_parser' }, { type: 'retain', fields: ['attributes.b'] }, { type: 'add', field: 'attributes.n.m', value: 3 }], '{"a":1,"b":2}', { attributes: '{"b":2,"n":{"m":3}}' }],
    [[{ type: 'container' }], '2026-03-04T05:06:07Z stdout P one \n2026-03-04T05:06:07Z stdout F two', { body: '"one two"', attributes: '{"log.iostream":"stdout"}' }],
    [[{ type: 'add', field: 'body', value: 'b' }, { type: 'noop' }], 'x', { body: '"b"' }],
  ];
  cases.forEach(([operators, body, expected], i) => {
    it(`${operators.map(({ type }) => String(type)).join(', ')} (${i})`, () => {
      const result = run(operators, body);
      assert.equal(result.failed, false);
      for (const [key, value] of Object.entries(expected)) assert.equal(result[key as keyof typeof expected], value);
    });
  });

  it('tell the pod and the container by the path', () => {
    const { resource } = run([{ type: 'container' }], '2026-03-04T05:06:07Z stderr F x', '/var/log/pods/ns_pod-1_49cc7c1f-d370-4ae4-a4d0-bfbd2f6f2c0e/web/2.log');
    assert.equal(resource, '{"k8s.namespace.name":"ns","k8s.pod.name":"pod-1","k8s.pod.uid":"49cc7c1f-d370-4ae4-a4d0-bfbd2f6f2c0e","k8s.container.name":"web","k8s.container.restart_count":"2"}');
  });

  it('keep what they cannot work on, with the reason, or drop it where that is wanted', () => {
    const kept = run([{ type: 'json_parser' }, { type: 'add', field: 'attributes.after', value: true }], 'no json');
    assert.deepEqual([kept.keep, kept.failed, kept.body], [true, true, '"no json"']);
    assert.equal(kept.attributes, '{"log.parse_error":"json_parser: body is not of the format","after":true}');
    assert.equal(run([{ type: 'json_parser', on_error: 'drop' }], 'no json').keep, false);
    assert.equal(run([{ type: 'move', from: 'attributes.none', to: 'body' }], 'x').failed, true);
  });

  for (const [type, layout, text, expected] of [
    ['strptime', '%d/%b/%Y:%T %z', '04/Mar/2026:06:06:07 +0100', TIME], ['strptime', '%Y-%m-%dT%H:%M:%S.%LZ', '2026-03-04T05:06:07.25Z', TIME + 250_000_000n], ['strptime', '%m/%d/%y %I:%M:%S %p', '03/04/26 05:06:07 AM', TIME],
    ['gotime', '2006-01-02T15:04:05.000Z07:00', '2026-03-04T06:06:07.500+01:00', TIME + 500_000_000n], ['gotime', 'Jan _2 15:04:05 2006', 'Mar  4 05:06:07 2026', TIME], ['gotime', 'Mon, 02 Jan 2006 03:04:05 PM MST', 'Wed, 04 Mar 2026 05:06:07 AM UTC', TIME],
    ['epoch', 's', '1772600767', TIME], ['epoch', 'ms', '1772600767000', TIME], ['epoch', 's.ns', '1772600767.000000001', TIME + 1n], ['auto', '', '2026-03-04 05:06:07', TIME],
  ] as const) {
    it(`times: ${type} ${layout}`, () => {
      const read = timeReader(type, layout);
      assert.equal(read(text, '')?.ns, expected);
      assert.equal(read('nonsense', ''), null);
    });
  }

  it('are refused with the place and the nearest name', () => {
    const { mistakes } = compileOperators([
      { type: 'json_parse' }, { type: 'json_parser', parse_form: 'body' }, { type: 'regex_parser', regex: '(' }, { type: 'move', from: 'atributes.a', to: 'body' }, {}, { type: 'time_parser', parse_from: 'attributes.t', layout: '%Q' },
      { type: 'severity_parser', parse_from: 'attributes.l', mapping: { bad: 'x' } }, { type: 'filter', expr: 'true' },
    ], detachedPlace('(test)', ['operators']));
    assert.deepEqual(mistakes.map(({ path, code, nearest }) => [path, code, nearest]), [
      ['operators[0].type', 'SBX_CONFIG_UNSUPPORTED', 'json_parser'], ['operators[1].parse_form', 'SBX_CONFIG_UNKNOWN_KEY', 'parse_from'], ['operators[2]', 'SBX_CONFIG_BAD_VALUE', null], ['operators[3].from', 'SBX_CONFIG_BAD_VALUE', null],
      ['operators[4].type', 'SBX_CONFIG_MISSING', null], ['operators[5]', 'SBX_CONFIG_BAD_VALUE', null], ['operators[6]', 'SBX_CONFIG_BAD_VALUE', null], ['operators[7].type', 'SBX_CONFIG_UNSUPPORTED', null],
    ]);
  });
});
