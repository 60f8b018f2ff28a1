import { strict as assert } from 'node:assert';
import { loadConfig } from '@signalbox/collector/config/load';
import type { FilelogConfig } from '@signalbox/collector/receivers/filelog/config';
import { applianceRegistry } from '../settings/configuration.js';
import { foreseeLine, type Foreseen } from './foresee-line.js';
import { makeMarked } from './marked.js';

const marked = makeMarked(1_700_000_000_123_000_000n);

/** Of a `filelog` with these settings and a pipeline of these processors, all in JSON. */
function foresee(settings: string, processors = '{}'): Foreseen {
  const config = loadConfig({
    file: 'test.yaml', env: {}, registry: applianceRegistry(), sections: {},
    text: `receivers: { filelog: { include: [/logs/*.log], ${settings} } }\nprocessors: ${processors}\nexporters: { debug: {} }\nservice: { pipelines: { logs: { receivers: [filelog], processors: [${Object.keys(JSON.parse(processors) as object).join(', ')}], exporters: [debug] } } }\n`,
  });
  return foreseeLine(config.receivers[0]?.config as FilelogConfig, [config.processors], marked);
}

describe('verify/foresee-line', () => {
  for (const [what, settings] of [
    ['parse: json', 'parse: json'],
    ['parse: logfmt', 'parse: logfmt'],
    ['a JSON parser with a trace section', 'operators: [{ type: json_parser, trace: { trace_id: { parse_from: attributes.trace_id } } }]'],
    ['a trace id of another name', 'operators: [{ type: json_parser }, { type: trace_parser, trace_id: { parse_from: attributes.ctx.traceId } }]'],
    ['logfmt with a trace id of another name', 'operators: [{ type: logfmt_parser }, { type: trace_parser, trace_id: { parse_from: attributes.tid } }]'],
    ['a container\'s lines in JSON', 'operators: [{ type: container }, { type: json_parser, parse_to: body }, { type: trace_parser, trace_id: { parse_from: body.trace_id } }]'],
    ['a regular expression that takes it from an access log', 'operators: [{ type: regex_parser, regex: "trace_id=(?P<trace_id>[0-9a-f]{32}) HTTP", on_error: drop }, { type: trace_parser }]'],
    ['lines in UTF-16', 'encoding: utf-16le, operators: [{ type: json_parser, trace: { trace_id: { parse_from: attributes.trace_id } } }]'],
  ] as const) {
    it(`writes a line whose trace id is read: ${what}`, () => {
      const foreseen = foresee(settings);
      assert.equal(foreseen?.traced, true);
      assert.ok(foreseen.line.includes(marked.marker) && foreseen.line.includes(marked.traceId));
    });
  }

  it('sees that a processor reads the trace id', () => {
    assert.equal(foresee('operators: []')?.traced, false);
    assert.equal(foresee('operators: []', '{"logparser":{}}')?.traced, true);
    assert.equal(foresee('operators: []', '{"transform":{"log_statements":["set(log.trace_id.string, ParseJSON(log.body)[\\"trace_id\\"])"]}}')?.traced, true);
  });

  for (const [what, operators] of [
    ['a JSON parser without a trace section', '[{ type: json_parser }]'],
    ['a regular expression for lines of another form', '[{ type: regex_parser, regex: "^(?P<level>[A-Z]+) (?P<trace_id>[0-9a-f]{32})$" }, { type: trace_parser }]'],
    ['attributes alone', '[{ type: add, field: attributes.app, value: shop }]'],
  ] as const) {
    it(`knows that the trace id is not read, and that the text stays: ${what}`, () => {
      const foreseen = foresee(`operators: ${operators}`);
      assert.equal(foreseen?.traced, false);
      assert.ok(foreseen.line.includes(marked.marker));
    });
  }

  it('has no line where none comes through with its marker', () => {
    assert.equal(foresee('operators: [{ type: regex_parser, regex: "^(?P<level>[A-Z]+)$", on_error: drop }]'), null);
    assert.equal(foresee('operators: [{ type: filter, expr: \'body contains "signalbox"\' }]'), null);
    assert.equal(foresee('operators: [{ type: add, field: body, value: same }]'), null);
  });
});
