import assert from 'node:assert/strict';
import { attributesToJson, valueToJson } from '@signalbox/signals/model/attribute-text';
import { detachedPlace } from '../../config/place.js';
import { newEntry, toAnyValue, toAttributes, type Entry } from '../entry.js';
import { compileOperators } from './compile.js';
import type { EntrySink } from './program.js';
import { timeReader } from './time-layout.js';

type Operators = readonly Readonly<Record<string, unknown>>[];

/** What comes out of a block of records, in order. */
function runAll(operators: Operators, bodies: readonly string[], path = '/var/log/a.log') {
  const { program, mistakes } = compileOperators(operators, detachedPlace('(test)', ['operators']));
  assert.deepEqual(mistakes, []);
  const results: { entry: Entry; keep: boolean; failed: boolean }[] = [];
  let current: Entry;
  const sink: EntrySink = { emit: (entry, failed) => void results.push({ entry, keep: true, failed }), dropped: (failed) => void results.push({ entry: current, keep: false, failed }) };
  bodies.forEach((body, i) => program!.run((current = newEntry(body)), path, i, sink));
  program!.flush(path, sink);
  return results;
}


function run(operators: Operators, body: string, path = '/var/log/a.log') {
  const [result, ...more] = runAll(operators, [body], path);
  assert.ok(result && more.length === 0);
  const { entry } = result;
  return { ...result, body: valueToJson(toAnyValue(entry.body)), attributes: attributesToJson(toAttributes(entry.attributes)), resource: attributesToJson(toAttributes(entry.resource ?? new Map())) };
}

const TIME = BigInt(Date.parse('2026-03-04T05:06:07Z')) * 1_000_000n;

describe('parsing/operators', () => {
  it('parse JSON with time, severity and ids in one', () => {
    const { entry, body, attributes } = run([{
      type: 'json_parser', timestamp: { parse_from: 'attributes.t', layout: '%Y-%m-%d %H:%M:%S' }, severity: { parse_from: 'attributes.lvl', mapping: { error: ['bad', { min: 500, max: 599 }], warn: '4xx' } },
      trace: { trace_id: { parse_from: 'attributes.tid' } },
    }], '{"t":"2026-03-04 05:06:07","lvl":503,"tid":"4bf92f3577b34da6a3ce929d0e0e4736"}');
    assert.deepEqual([entry.timeNs, entry.severityNumber, entry.traceId], [TIME, 17, '4bf92f3577b34da6a3ce929d0e0e4736']);
    assert.match(attributes, /"lvl":503/);
    assert.match(body, /^"\{/);
  });

  it('read times of a zone with a name', () => {
    const { entry, attributes } = run([{ type: 'regex_parser', regex: '^(?P<t>\\S+ \\S+)', timestamp: { parse_from: 'attributes.t', layout_type: 'gotime', layout: '2006-01-02 15:04:05', location: 'America/New_York' } }], '2026-03-04 00:06:07 x');
    assert.equal(entry.timeNs, TIME);
    assert.match(attributes, /"log\.time_zone":"-05:00"/);
    assert.throws(() => run([{ type: 'time_parser', parse_from: 'body', layout_type: 'auto', location: 'Mars' }], 'x'), /location 'Mars': expected UTC, an offset such as \+02:00, or a time zone such as Europe\/Berlin/);
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
      { type: 'severity_parser', parse_from: 'attributes.l', mapping: { bad: 'x' } }, { type: 'file_output' }, { type: 'filter', expr: 'bdy == 1' }, { type: 'noop', if: '(' }, { type: 'recombine', combine_field: 'body' }, { type: 'router', routes: [] },
    ], detachedPlace('(test)', ['operators']));
    assert.deepEqual(mistakes.map(({ path, code, nearest }) => [path, code, nearest]).sort(([a], [b]) => (a! < b! ? -1 : 1)), [
      ['operators[0].type', 'SBX_CONFIG_UNSUPPORTED', 'json_parser'], ['operators[10]', 'SBX_CONFIG_BAD_VALUE', null], ['operators[11].routes', 'SBX_CONFIG_BAD_VALUE', null], ['operators[1].parse_form', 'SBX_CONFIG_UNKNOWN_KEY', 'parse_from'], ['operators[2]', 'SBX_CONFIG_BAD_VALUE', null],
      ['operators[3].from', 'SBX_CONFIG_BAD_VALUE', null], ['operators[4].type', 'SBX_CONFIG_MISSING', null], ['operators[5]', 'SBX_CONFIG_BAD_VALUE', null], ['operators[6]', 'SBX_CONFIG_BAD_VALUE', null], ['operators[7].type', 'SBX_CONFIG_UNSUPPORTED', null],
      ['operators[8]', 'SBX_CONFIG_BAD_VALUE', null], ['operators[9]', 'SBX_CONFIG_BAD_VALUE', null],
    ]);
  });

  const bodies = (results: ReturnType<typeof runAll>): unknown[] => results.filter(({ keep }) => keep).map(({ entry }) => entry.body);

  it('work where their condition holds, and send on by id', () => {
    const operators = [
      { type: 'json_parser', if: 'body startsWith "{"' },
      { type: 'add', field: 'attributes.plain', value: true, if: 'attributes.a == nil', output: ['end'] },
      { type: 'add', field: 'attributes.never', value: true },
      { type: 'noop', id: 'end' },
    ];
    assert.deepEqual(runAll(operators, ['{"a":"1"}', 'text']).map(({ entry, failed }) => [attributesToJson(toAttributes(entry.attributes)), failed]), [['{"a":"1"}', false], ['{"plain":true}', false]]);
  });

  it('route by expressions, as configurations for containers do', () => {
    const operators = [
      { type: 'router', id: 'get-format', routes: [{ output: 'docker', expr: 'body matches "^\\\\{"' }, { output: 'crio', expr: 'body matches "^[^ Z]+ "', attributes: { runtime: 'cri-o', size: 'EXPR(len(body))' } }] },
      { type: 'regex_parser', id: 'crio', regex: '^(?P<time>[^ Z]+) (?P<stream>stdout|stderr) (?P<logtag>[^ ]*) ?(?P<log>.*)$', output: 'extract' },
      { type: 'json_parser', id: 'docker', output: 'extract' },
      { type: 'move', id: 'extract', from: 'attributes.log', to: 'body' },
    ];
    const results = runAll(operators, ['{"log":"from docker"}', '2026-03-04T05:06:07+01:00 stdout F from cri-o', 'neither']);
    assert.deepEqual(results.map(({ entry, keep }) => [keep, entry.body]), [[true, 'from docker'], [true, 'from cri-o'], [false, 'neither']]);
    assert.deepEqual([results[1]!.entry.attributes.get('runtime'), results[1]!.entry.attributes.get('size')], ['cri-o', 45n]);
    const [other] = runAll([{ ...operators[0]!, default: 'docker' }, ...operators.slice(1)], ['neither']);
    assert.deepEqual([other!.keep, other!.failed], [true, true]);
  });

  it('filter', () => {
    assert.deepEqual(bodies(runAll([{ type: 'filter', expr: 'body matches "DEBUG"' }], ['a DEBUG b', 'INFO'])), ['INFO']);
    assert.equal(runAll([{ type: 'filter', expr: 'body matches "DEBUG"' }], ['a DEBUG b'])[0]!.failed, false);
    assert.equal(bodies(runAll([{ type: 'filter', expr: 'true', drop_ratio: 0 }], ['x', 'y'])).length, 2);
  });

  it('put records together by how they begin or end', () => {
    const first = { type: 'recombine', combine_field: 'body', is_first_entry: 'body matches "^[^\\\\s]"' };
    assert.deepEqual(bodies(runAll([first], ['one', ' a', ' b', 'two', 'three', ' c'])), ['one\n a\n b', 'two', 'three\n c']);
    assert.deepEqual(bodies(runAll([{ ...first, max_batch_size: 2 }], ['one', ' a', ' b'])), ['one\n a', ' b']);
    assert.deepEqual(bodies(runAll([{ ...first, max_unmatched_batch_size: 1 }], [' x', ' y', 'one', ' a'])), [' x', ' y', 'one\n a']);
    const last = [{ type: 'json_parser' }, { type: 'recombine', combine_field: 'attributes.log', combine_with: '', is_last_entry: 'attributes.end == true', overwrite_with: 'oldest' }, { type: 'move', from: 'attributes.log', to: 'body' }];
    const results = runAll(last, ['{"log":"a","n":1}', '{"log":"b","n":2,"end":true}', '{"n":3}', '{"log":"c","end":true}']);
    assert.deepEqual(results.map(({ entry, failed }) => [entry.body, entry.attributes.get('n') ?? null, failed]), [['ab', 1n, false], ['{"n":3}', 3n, true], ['c', null, false]]);
  });

  const reshaped: readonly (readonly [operators: Operators, body: string, attributes: string])[] = [
    [[{ type: 'json_parser' }, { type: 'flatten', field: 'attributes.a' }], '{"a":{"b":{"c":1},"d":2},"e":3}', '{"e":3,"b":{"c":1},"d":2}'],
    [[{ type: 'csv_parser', header: 'id, name,text' }], '1,"a, ""b""",', '{"id":"1","name":"a, \\"b\\"","text":""}'],
    [[{ type: 'uri_parser' }], 'https://u%20x@host.example:8443/p/a?q=1&q=2', '{"scheme":"https","user":"u x","host":"host.example","port":"8443","path":"/p/a","query":{"q":["1","2"]}}'],
    [[{ type: 'uri_parser' }], '/p?q=1', '{"path":"/p","query":{"q":["1"]}}'],
    [[{ type: 'json_parser' }, { type: 'assign_keys', field: 'attributes.l', keys: ['x', 'y'] }], '{"l":[1,"b"]}', '{"l":{"x":1,"y":"b"}}'],
    [[{ type: 'add', field: 'attributes.q', value: '"a\\tb"' }, { type: 'unquote', field: 'attributes.q' }], 'x', '{"q":"a\\tb"}'],
    [[{ type: 'regex_replace', field: 'body', regex_name: 'ansi_control_sequences' }, { type: 'copy', from: 'body', to: 'attributes.b' }], '\u001b[31mred\u001b[0m', '{"b":"red"}'],
    [[{ type: 'regex_replace', field: 'body', regex: 'a(.)', replace_with: '$1$1' }, { type: 'copy', from: 'body', to: 'attributes.b' }], 'xab', '{"b":"xbb"}'],
    [[{ type: 'add', field: 'attributes.t', value: 'n=EXPR(len(body)) of EXPR(body)' }], 'abc', '{"t":"n=3 of abc"}'],
  ];
  for (const [operators, body, expected] of reshaped) {
    it(`${operators.map(({ type }) => String(type)).join(', ')}: ${body}`, () => {
      const { attributes, failed } = run(operators, body);
      assert.deepEqual([attributes, failed], [expected, false]);
    });
  }

  it('name outputs that are none, circles, and ids that are taken', () => {
    const texts = (operators: Operators): string => compileOperators(operators, detachedPlace('(test)', ['operators'])).mistakes.map(({ message }) => message).join('\n');
    assert.match(texts([{ type: 'noop', output: 'nxt' }, { type: 'noop', id: 'next' }]), /no operator with the id 'nxt'; those there are: noop, next/);
    assert.match(texts([{ type: 'noop', id: 'a', output: 'b' }, { type: 'noop', id: 'b', output: 'a' }]), /in a circle: a → b → a/);
    assert.match(texts([{ type: 'noop', id: 'a' }, { type: 'noop', id: 'a' }]), /'a' is taken/);
    assert.match(texts([{ type: 'stdout' }]), /no operator 'stdout' here; those there are: json_parser.*pipelines of the receiver: leave it out/s);
    assert.match(texts([{ type: 'multiline_parser' }]), /no operator 'multiline_parser' here; those there are: .*recombine.*processors \(transform/s);
  });
});
