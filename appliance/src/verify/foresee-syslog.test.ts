import { strict as assert } from 'node:assert';
import { loadConfig } from '@signalbox/collector/config/load';
import { knownZone } from '@signalbox/collector/parsing/time-zone';
import type { SyslogConfig } from '@signalbox/collector/receivers/syslog/config';
import { parseSyslog } from '@signalbox/collector/receivers/syslog/message';
import { applianceRegistry } from '../settings/configuration.js';
import type { Foreseen } from './foresee-line.js';
import { foreseeSyslog } from './foresee-syslog.js';
import { makeMarked } from './marked.js';
import { formatsOf, syslogLines, type SyslogFormat } from './syslog-line.js';

const marked = makeMarked(BigInt(Date.now()) * 1_000_000n);
const FORMATS: readonly SyslogFormat[] = ['RFC 5424', 'RFC 3164'];

function load(settings: string, processors: readonly string[], tcp = '') {
  const config = loadConfig({
    file: 'test.yaml', env: {}, registry: applianceRegistry(), sections: {},
    text: `receivers: { syslog: { tcp: { ${tcp} }, ${settings} } }\nprocessors: { logparser: {} }\nexporters: { debug: {} }\nservice: { pipelines: { logs: { receivers: [syslog], processors: [${processors.join(', ')}], exporters: [debug] } } }\n`,
  });
  return { settings: config.receivers[0]?.config as SyslogConfig, pipelines: [config.processors.filter(({ id }) => processors.includes(id))] };
}

/** Of a `syslog` with these settings and a pipeline of these processors. */
function foresee(given: string, format: SyslogFormat, processors: readonly string[] = [], tcp = ''): Foreseen {
  const { settings, pipelines } = load(given, processors, tcp);
  return foreseeSyslog(settings, format, settings.tcp?.max_log_size ?? 0, pipelines, marked);
}

describe('verify/foresee-syslog', () => {
  for (const format of FORMATS) {
    it(`knows how a message of ${format} is found`, () => {
      assert.equal(foresee('', format)?.traced, false);
      assert.equal(foresee('', format, ['logparser'])?.traced, true);
      assert.equal(foresee('operators: [{ type: json_parser, parse_from: body, trace: { trace_id: { parse_from: attributes.tid } } }]', format)?.traced, true);
      assert.equal(foresee('operators: [{ type: recombine, is_first_entry: "true", combine_field: body }, { type: json_parser, parse_from: body, trace: { trace_id: { parse_from: attributes.tid } } }]', format)?.traced, true);
      assert.equal(foresee('operators: [{ type: filter, expr: \'body contains "signalbox"\' }]', format), null);
      assert.equal(foresee('operators: [{ type: add, field: body, value: same }]', format), null);
    });

    for (const zone of ['UTC', '-07:00', 'Asia/Kolkata', 'America/St_Johns', 'Local']) {
      it(`writes ${format} that is read, with its time in ${zone}`, () => {
        const { settings } = load(`location: "${zone}"`, []);
        // No clock anywhere is set back in January.
        const nowMs = Date.UTC(2026, 0, 15, 23, 30, 7);
        for (const line of syslogLines(settings, format, makeMarked(BigInt(nowMs) * 1_000_000n))) {
          const entry = parseSyslog(line, { protocol: format === 'RFC 5424' ? 'rfc5424' : 'rfc3164', zone: knownZone(zone), allowNoPriority: false, keepLine: false, nowMs });
          assert.equal(entry.timeNs, BigInt(nowMs) * 1_000_000n, line);
          assert.equal(entry.severityText, 'info');
          assert.deepEqual([entry.attributes.get('appname'), entry.attributes.get('proc_id')], ['signalbox-verify', String(process.pid)]);
        }
      });
    }
  }

  it('puts the trace id among the structured data where operators look for it there', () => {
    const operators = 'operators: [{ type: trace_parser, trace_id: { parse_from: attributes.structured_data.trace.id } }]';
    const found = foresee(operators, 'RFC 5424');
    assert.equal(found?.traced, true);
    assert.ok(found.line.includes(` - [trace id="${marked.traceId}"] {`), found.line);
    assert.equal(foresee(operators, 'RFC 3164')?.traced, false);
  });

  it('sends nothing whose marker would be cut off', () => {
    assert.equal(foresee('', 'RFC 5424', [], 'max_log_size: 64'), null);
  });

  it('writes what the receiver takes', () => {
    assert.deepEqual(formatsOf({ protocol: 'auto' }), FORMATS);
    assert.deepEqual(formatsOf({ protocol: 'rfc5424' }), ['RFC 5424']);
    assert.deepEqual(formatsOf({ protocol: 'rfc3164' }), ['RFC 3164']);
  });
});
