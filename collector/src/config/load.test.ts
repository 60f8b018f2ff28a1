import assert from 'node:assert/strict';
import { z } from 'zod';
import type { ConnectorFactory, ExporterFactory, ReceiverFactory, Registry } from '../component.js';
import { byteSize } from './bytes.js';
import { durationOrOff } from './duration.js';
import { ConfigErrors, formatMistake } from './error.js';
import { loadConfig } from './load.js';
import { parseSection } from './section.js';

const nothing = async (): Promise<void> => {};
const receiver: ReceiverFactory = {
  type: 'otlp',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: (raw, place) => parseSection(z.strictObject({ endpoint: z.string().default('127.0.0.1:4317'), token: z.string().optional(), size: z.number().optional() }), raw, place),
  create: () => ({ start: nothing, shutdown: nothing, endpoints: () => [] }),
};
const exporter = (type: string, signals: ExporterFactory['signals']): ExporterFactory => ({
  type,
  signals,
  parseConfig: (raw, place) => parseSection(z.strictObject({ endpoint: z.string().optional(), labels: z.record(z.string(), z.string()).optional() }), raw, place),
  create: () => ({ export: async (batch) => ({ kind: 'settled', delivered: batch.items, duplicate: 0, retry: { items: [] }, rejected: [] }), shutdown: nothing }),
});
const connector: ConnectorFactory = {
  type: 'spanmetrics',
  takes: ['traces', 'metrics'],
  gives: ['metrics', 'logs'],
  parseConfig: (raw, place) => parseSection(z.strictObject({ interval: z.number().optional() }), raw, place),
  create: () => ({ state: { snapshot: () => new Uint8Array(), restore: () => undefined }, consume: () => undefined, flush: () => [], shutdown: nothing }),
};
const registry: Registry = {
  receivers: [receiver],
  processors: [],
  connectors: [connector],
  exporters: [exporter('loki', ['logs']), exporter('store', ['traces', 'logs', 'metrics']), exporter('elasticsearch', ['traces', 'logs']), exporter('spanmetrics', ['traces'])],
};
const sections = {
  store: z.strictObject({ retention: z.strictObject({ age: durationOrOff().default(1000), bytes: byteSize().default(5) }).prefault({}), maxQueries: z.number().default(4) }).prefault({}),
  serve: z.strictObject({ allowed_hosts: z.array(z.string()).default([]) }).prefault({}),
};
const SERVICE = 'service: { pipelines: { logs: { receivers: [otlp], exporters: [loki] } } }\n';

function load(text: string, env: Record<string, string> = {}, fallback?: string) {
  return loadConfig({ text, file: 'signalbox.yaml', env, registry, sections, ...(fallback === undefined ? {} : { fallback: { text: fallback, file: '(built-in default)' } }) });
}

function mistakesOf(text: string, env: Record<string, string> = {}): readonly string[] {
  try {
    load(text, env);
  } catch (error) {
    assert.ok(error instanceof ConfigErrors, String(error));
    return error.mistakes.map(formatMistake);
  }
  return [];
}

describe('config/load', () => {
  it("reads the Collector's shape", () => {
    const config = load(`
receivers:
  otlp:
  otlp/second: { endpoint: "0.0.0.0:1" }
exporters:
  loki: { endpoint: http://x, timeout: 5s, retry_on_failure: { max_elapsed_time: 1h }, sending_queue: { num_consumers: 3 } }
  store:
service:
  telemetry: { logs: { level: WARN } }
  pipelines:
    logs: { receivers: [otlp, otlp/second], exporters: [loki, store] }
    traces/all: { receivers: [otlp], exporters: [store] }
store: { retention: { age: off, bytes: 2KiB } }
`);
    assert.deepEqual(config.receivers.map(({ id, type, config: own }) => ({ id, type, own })), [
      { id: 'otlp', type: 'otlp', own: { endpoint: '127.0.0.1:4317' } },
      { id: 'otlp/second', type: 'otlp', own: { endpoint: '0.0.0.0:1' } },
    ]);
    assert.deepEqual(config.pipelines, [
      { name: 'logs', signal: 'logs', receivers: ['otlp', 'otlp/second'], processors: [], exporters: ['loki', 'store'] },
      { name: 'traces/all', signal: 'traces', receivers: ['otlp'], processors: [], exporters: ['store'] },
    ]);
    const [loki] = config.exporters;
    assert.deepEqual(loki!.config, { endpoint: 'http://x' });
    assert.equal(loki!.delivery.timeout, 5000);
    assert.equal(loki!.delivery.retry_on_failure.max_elapsed_time, 3_600_000);
    assert.equal(loki!.delivery.sending_queue.num_consumers, 3);
    assert.deepEqual(config.sections.store, { retention: { age: null, bytes: 2048 }, maxQueries: 4 });
    assert.deepEqual(config.telemetry, { logs: { level: 'warn' } });
    assert.deepEqual(config.warnings, []);
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.sections.store.retention) && Object.isFrozen(config.pipelines[0]!.receivers));
  });

  it('lets pipelines of one signal have receivers of their own, and connectors stand between them', () => {
    const config = load(`
receivers: { otlp: {}, otlp/b: {} }
exporters: { loki: {}, store: {} }
connectors: { spanmetrics: { interval: 5 } }
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [loki] }
    logs/b: { receivers: [otlp/b], exporters: [store] }
    traces: { receivers: [otlp, otlp/b], exporters: [store, spanmetrics] }
    metrics: { receivers: [spanmetrics, otlp], exporters: [store] }
`);
    assert.deepEqual(config.connectors, [{ id: 'spanmetrics', type: 'spanmetrics', config: { interval: 5 }, source: '{"interval":5}' }]);
    assert.deepEqual(config.warnings, []);
  });

  it('takes components from the fallback when the file has sections alone', () => {
    const fallback = `receivers: { otlp: {} }\nexporters: { store: {} }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [store] } } }`;
    assert.equal(load('store: { retention: { age: 1h } }', {}, fallback).pipelines.length, 1);
    assert.equal(load('', {}, fallback).pipelines.length, 1);
    assert.throws(() => load('receivers: { otlp: {} }', {}, fallback), ConfigErrors);
  });

  it('types what comes whole from the environment, and leaves text where text is wanted', () => {
    const base = (value: string, key: string): string => `receivers: { otlp: { ${key}: ${value} } }\nexporters: { loki: { labels: { a: '\${LABEL}' } } }\n${SERVICE}`;
    const env = { N: '12', PIN: '0123', LABEL: 'true', NAME: 'x' };
    assert.deepEqual(load(base("'${env:N}'", 'size'), env).receivers[0]!.config, { endpoint: '127.0.0.1:4317', size: 12 });
    assert.deepEqual(load(base("'${env:PIN}'", 'token'), env).receivers[0]!.config, { endpoint: '127.0.0.1:4317', token: '0123' });
    assert.deepEqual(load(base("'a-${NAME}-${env:MISSING:-${NAME}y}$$1'", 'token'), env).receivers[0]!.config, { endpoint: '127.0.0.1:4317', token: 'a-x-xy$1' });
    assert.deepEqual(load(base("'${env:MISSING:-}'", 'token'), env).receivers[0]!.config, { endpoint: '127.0.0.1:4317' });
    assert.deepEqual(load(base('1', 'size'), env).exporters[0]!.config, { labels: { a: 'true' } });
  });

  it('takes settings of sections from variables named by their path, before the file', () => {
    const text = `receivers: { otlp: {} }\nexporters: { loki: {} }\n${SERVICE}store: { retention: { age: 1h, bytes: 7 } }`;
    const config = load(text, { SIGNALBOX_STORE_RETENTION_AGE: 'off', SIGNALBOX_STORE_MAX_QUERIES: '9', SIGNALBOX_SERVE_ALLOWED_HOSTS: 'a.example, b.example', SIGNALBOX_DATA: '/x', OTHER: 'y' });
    assert.deepEqual(config.sections, { store: { retention: { age: null, bytes: 7 }, maxQueries: 9 }, serve: { allowed_hosts: ['a.example', 'b.example'] } });
    assert.deepEqual(mistakesOf(text, { SIGNALBOX_STORE_RETENTION_AEG: '1h', SIGNALBOX_STORE_MAX_QUERIES: 'many' }), [
      "environment variable SIGNALBOX_STORE_RETENTION_AEG: names no setting. Did you mean 'SIGNALBOX_STORE_RETENTION_AGE'? [SBX_CONFIG_UNKNOWN_KEY]",
      'environment variable SIGNALBOX_STORE_MAX_QUERIES store.maxQueries: expected a number, found text. [SBX_CONFIG_BAD_VALUE]',
    ]);
  });

  it('takes one text, or several with commas between, for a list of texts as the Collector does', () => {
    const config = load(`receivers: { otlp: {}, otlp/b: {} }\nexporters: { loki: {}, store: {} }\nservice: { pipelines: { logs: { receivers: otlp, processors: '', exporters: 'loki, store' } } }`);
    assert.deepEqual(config.pipelines[0], { name: 'logs', signal: 'logs', receivers: ['otlp'], processors: [], exporters: ['loki', 'store'] });
  });

  it('merges anchors as YAML readers do', () => {
    const config = load(`receivers: { otlp: &x { endpoint: "h:1", size: 1 }, otlp/b: { <<: *x, size: 2 }, otlp/c: *x }\nexporters: { loki: {} }\n${SERVICE}`);
    assert.deepEqual(config.receivers.map((r) => r.config), [{ endpoint: 'h:1', size: 1 }, { endpoint: 'h:1', size: 2 }, { endpoint: 'h:1', size: 1 }]);
  });

  it('reports all mistakes at once, in the order of the file', () => {
    assert.deepEqual(
      mistakesOf(`receivers:
  otlp: { endpiont: x }
exproters:
  lokii: {}
exporters:
  lokii: {}
  elasticsearch: { timeout: 5 }
service:
  pipelines:
    logs: { receivers: [olpt], exporters: [elasticsearch] }
    trace: { receivers: [otlp], exporters: [elasticsearch] }
`),
      [
        "signalbox.yaml:2:11 receivers.otlp.endpiont: unknown key 'endpiont'. Did you mean 'endpoint'? [SBX_CONFIG_UNKNOWN_KEY]",
        "signalbox.yaml:3:1 exproters: unknown key 'exproters'. Did you mean 'exporters'? [SBX_CONFIG_UNKNOWN_KEY]",
        "signalbox.yaml:6:3 exporters.lokii: no exporter has the type 'lokii' (known: loki, store, elasticsearch, spanmetrics). Did you mean 'loki'? [SBX_CONFIG_UNKNOWN_COMPONENT]",
        'signalbox.yaml:7:29 exporters.elasticsearch.timeout: a duration needs a unit: 5s or 5ms. [SBX_CONFIG_BAD_VALUE]',
        "signalbox.yaml:10:25 service.pipelines.logs.receivers[0]: there is no receiver 'olpt' below 'receivers'. Did you mean 'otlp'? [SBX_CONFIG_UNDEFINED_COMPONENT]",
        "signalbox.yaml:11:5 service.pipelines.trace: a pipeline is named after its signal (traces, logs, metrics), alone or as SIGNAL/NAME; this one is named 'trace'. Did you mean 'traces'? [SBX_CONFIG_PIPELINE]",
      ],
    );
  });

  const ok = 'receivers: { otlp: {} }\nexporters: { loki: {}, store: {} }\n';
  type Typo = readonly [what: string, text: string, ...expected: RegExp[]];
  const typos: readonly Typo[] = [
    ['no YAML', 'receivers: [', /^signalbox\.yaml:1:\d+: not valid YAML: .*SBX_CONFIG_YAML\]$/],
    ['tabs', 'receivers:\n\totlp: {}', /:2:\d+: not valid YAML/],
    ['a key twice', 'receivers: {}\nreceivers: {}', /:2:1: not valid YAML.*unique/],
    ['an empty file', '', /service\.pipelines: there is no pipeline.*SBX_CONFIG_PIPELINE/],
    ['a list at the top', '- a', /:1:1: expected a map/],
    ['a pipeline without receivers', `${ok}service: { pipelines: { logs: { exporters: [loki, store] } } }`, /:3:\d+ service\.pipelines\.logs\.receivers: a pipeline needs at least one receiver/],
    ['a pipeline without exporters', `receivers: { otlp: {} }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [] } } }`, /logs\.exporters: a pipeline needs at least one exporter/],
    ['a signal that an exporter does not take', `${ok}service: { pipelines: { metrics: { receivers: [otlp], exporters: [loki, store] } } }`, /metrics\.exporters\[0\]: the exporter 'loki' has nothing to do with metrics; it takes logs.*WRONG_SIGNAL/],
    ['the same exporter twice', `${ok}service: { pipelines: { logs: { receivers: [otlp], exporters: [loki, loki, store] } } }`, /exporters\[1\]: 'loki' stands twice/],
    ['text where a list goes', `${ok}service: { pipelines: { logs: { receivers: '[otlp]', exporters: [loki, store] } } }`, /logs\.receivers: expected a list, found text/],
    ['a map where a list goes', `${ok}service: { pipelines: { logs: { receivers: { otlp: }, exporters: [loki, store] } } }`, /logs\.receivers: expected a list, found a map/],
    ['components in a list, and not of the pipelines that name them', `receivers: [otlp]\nexporters: { loki: {}, store: {} }\nconnectors: x\nprocessors: 5\nservice: { pipelines: { logs: { receivers: [otlp], processors: [filter], exporters: [loki, spanmetrics] } } }`, /^signalbox\.yaml:1:12 receivers: expected a map/, /:3:13 connectors: expected a map/, /:4:13 processors: expected a map/],
    ['extensions in a list, and not of who names them', `${ok}extensions: [pprof]\nservice: { extensions: [pprof], pipelines: { logs: { receivers: [otlp], exporters: [loki] } } }`, /:3:13 extensions: expected a map/],
    ['a service that is no map', `${ok}service: x`, /:3:10 service: expected a map/],
    ['pipelines in a list', `${ok}service: { pipelines: [logs] }`, /service\.pipelines: expected a map/],
    ['pipelines directly below service, and what is wrong in them', `${ok}service: { logs/a: { receivers: [otlp], exporters: [lokii] } }`, /service\.logs\/a: 'logs\/a' is a pipeline: it belongs below service\.pipelines\. \[SBX_CONFIG_UNKNOWN_KEY/, /service\.logs\/a\.exporters\[0\]: there is no exporter 'lokii'/],
    ['a connector without a pipeline behind it', `${ok}connectors: { spanmetrics: {} }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [store, spanmetrics] }, logs: { receivers: [otlp], exporters: [loki] } } }`, /^signalbox\.yaml:3:15 connectors\.spanmetrics: the connector 'spanmetrics' stands at one side only: no pipeline has it as a receiver.*a pipeline of metrics or logs\. \[SBX_CONFIG_PIPELINE/],
    ['a connector without a pipeline before it', `${ok}connectors: { spanmetrics: {} }\nservice: { pipelines: { metrics: { receivers: [spanmetrics], exporters: [store] }, logs: { receivers: [otlp], exporters: [loki] } } }`, /one side only: no pipeline has it as an exporter.*a pipeline of traces or metrics/],
    ['a connector with signals that are not its own', `${ok}connectors: { spanmetrics: {} }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [loki, spanmetrics] }, traces: { receivers: [spanmetrics], exporters: [store] } } }`, /exporters\[1\]: the connector 'spanmetrics' cannot end a pipeline of logs; it takes traces, metrics\. \[SBX_CONFIG_WRONG_SIGNAL/, /receivers\[0\]: the connector 'spanmetrics' cannot begin a pipeline of traces; it gives metrics, logs/],
    ['connectors in a circle', `${ok}connectors: { spanmetrics/a: {}, spanmetrics/b: {} }\nservice: { pipelines: { metrics: { receivers: [spanmetrics/b], exporters: [store, spanmetrics/a] }, metrics/2: { receivers: [otlp, spanmetrics/a], exporters: [spanmetrics/b, store] }, logs: { receivers: [otlp], exporters: [loki] } } }`, /metrics\.exporters: connectors lead in a circle.*: metrics → spanmetrics\/a → metrics\/2 → spanmetrics\/b → metrics\. Take/],
    ['a connector behind two pipelines of one signal', `${ok}connectors: { spanmetrics: {} }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [store, spanmetrics] }, traces/2: { receivers: [otlp], exporters: [spanmetrics] }, metrics: { receivers: [spanmetrics], exporters: [store] }, logs: { receivers: [otlp], exporters: [loki] } } }`, /connectors\.spanmetrics: the connector 'spanmetrics' ends 'traces' and 'traces\/2', .*'spanmetrics\/a'.*one pipeline\. \[SBX_CONFIG_PIPELINE/],
    ['a connector that is misspelt', `receivers: { otlp: {} }\nexporters: { loki: {}, store: {} }\nconnectors: { spanmetrics: {}, spanmetrics/x: {} }\nservice: { pipelines: { logs: { receivers: [otlp, spanmetrisc], exporters: [loki, store] } } }`, /receivers\[1\]: there is no receiver 'spanmetrisc' below 'receivers' or 'connectors'\. Did you mean 'spanmetrics'/],
    ['a mistake in a connector', `${ok}connectors: { spanmetrics: { intervall: 1 }, spanmetric: {} }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [store, spanmetrics] }, logs: { receivers: [otlp], exporters: [loki] }, metrics: { receivers: [spanmetrics], exporters: [store] } } }`, /connectors\.spanmetrics\.intervall: unknown key.*Did you mean 'interval'/, /connectors\.spanmetric: no connector has the type 'spanmetric'.*Did you mean 'spanmetrics'/],
    ['a connector named like an exporter', `${ok}connectors: { spanmetrics: {} }\nservice: { pipelines: { metrics: { receivers: [spanmetrics], exporters: [store] }, traces: { receivers: [otlp], exporters: [store, spanmetrics] }, logs: { receivers: [otlp], exporters: [loki] } } }`.replace('store: {} }', 'store: {}, spanmetrics: {} }'), /connectors\.spanmetrics: there is also an exporter 'spanmetrics'/],
    ['an extension', `${ok}extensions: { jaeger_query: {} }\nservice: { extensions: [jaeger_query, pprof], pipelines: { logs: { receivers: [otlp], exporters: [loki, store] } } }`, /extensions\.jaeger_query: .*built in.*UNSUPPORTED/, /service\.extensions\[1\]: there is no extension 'pprof'/],
    ['an unknown processor', `${ok}processors: { filter: {} }\nservice: { pipelines: { logs: { receivers: [otlp], processors: [filter], exporters: [loki, store] } } }`, /processors\.filter: no processor has the type 'filter' \(there are none yet\)/],
    ['a component that only the Collector has', `${ok}processors: { k8sattributes: {} }\nconnectors: { forward/x: {} }\nservice: { pipelines: { logs: { receivers: [otlp], processors: [k8sattributes], exporters: [loki, store] } } }`, /processors\.k8sattributes: there is no processor of the type 'k8sattributes' here: resourcedetection .*UNKNOWN_COMPONENT/, /connectors\.forward\/x: there is no connector of the type 'forward' here: name the receiver in several pipelines/],
    ['an undefined processor', `${ok}service: { pipelines: { logs: { receivers: [otlp], processors: [filter], exporters: [loki, store] } } }`, /processors\[0\]: there is no processor 'filter'/],
    ['a bad id', `receivers: { 'ot lp': {} }\nexporters: { loki: {} }\n${SERVICE}`, /:1:14 receivers\.ot lp: 'ot lp' is no component's name/],
    ['an unknown key in service', `${ok}service: { piplines: {} }`, /service\.piplines: unknown key 'piplines'\. Did you mean 'pipelines'/, /service\.piplines: there is no pipeline/],
    ['a misspelt section, and not of what is below it', `recievers: { otlp: {} }\nexporters: { loki: {} }\n${SERVICE}`, /^signalbox\.yaml:1:1 recievers: unknown key.*'receivers'/],
    ['a mistake below a misspelt section', `receivers: { otlp: {} }\nexporter: { loki: { endpont: x } }\n${SERVICE}`, /^signalbox\.yaml:2:1 exporter: unknown key.*'exporters'/, /exporter\.loki\.endpont: unknown key/],
    ['misspelt components, and not of the pipelines that name them', `receivers: { olpt: {} }\nexporters: { lokii/a: {} }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [loki/a] } } }`, /receivers\.olpt: no receiver has the type.*'otlp'/, /exporters\.lokii\/a: no exporter has the type.*'loki'/],
    ['a misspelt service', `receivers: { otlp: {} }\nexporters: { loki: {} }\n${SERVICE.replace('service', 'servce')}`, /servce: unknown key.*'service'/],
    ['a pipeline behind a connector that has a mistake', `${ok}connectors: { spanmetrics: {} }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [store, spanmetrics] }, metrics: { recievers: [spanmetrics], exporters: [store] }, logs: { receivers: [otlp], exporters: [loki] } } }`, /metrics\.recievers: unknown key/],
    ['a variable that is not set', `receivers: { otlp: { token: '\${env:TOKEN}' } }\nexporters: { loki: {} }\n${SERVICE}`, /:1:\d+ receivers\.otlp\.token: the environment variable TOKEN is not set: set it, or give a default: \$\{env:TOKEN:-…\}.*SBX_CONFIG_ENV/],
    ['an unknown provider', `receivers: { otlp: { token: '\${file:/x}' } }\nexporters: { loki: {} }\n${SERVICE}`, /\$\{file:…\} is not known/],
    ['a reference without end', `receivers: { otlp: { token: '\${env:X' } }\nexporters: { loki: {} }\n${SERVICE}`, /without its \}/],
    ['an alias of nothing', `receivers: { otlp: *x }\nexporters: { loki: {} }\n${SERVICE}`, /SBX_CONFIG_YAML/],
    ['a bad delivery setting', `receivers: { otlp: {} }\nexporters: { loki: { retry_on_failure: { intial_interval: 1s } } }\n${SERVICE}`, /exporters\.loki\.retry_on_failure\.intial_interval: .*Did you mean 'initial_interval'/],
    ['__proto__', '__proto__: { a: 1 }', /'__proto__' cannot be a key/],
  ];
  for (const [what, text, ...expected] of typos) {
    it(`names the place of ${what}`, () => {
      const found = mistakesOf(text);
      assert.equal(found.length, expected.length, found.join('\n'));
      expected.forEach((pattern, i) => assert.match(found[i]!, pattern));
    });
  }

  it('warns of what has no effect, and runs', () => {
    const config = load(`receivers: { otlp: {} }
extensions: { health_check: { endpoint: x }, file_storage/a: }
processors: { batch: {}, memory_limiter: { limit_mib: 5 } }
exporters: { loki: { sending_queue: { queue_size: 1000, storage: file_storage } }, store: {} }
service: { extensions: [health_check, file_storage/a], pipelines: { logs: { receivers: [otlp], processors: [memory_limiter, batch], exporters: [loki] } } }`);
    assert.deepEqual(config.pipelines[0]!.processors, []);
    assert.deepEqual(config.warnings.map((w) => `${w.code} ${w.path}:${w.line}`), [
      'SBX_CONFIG_BUILT_IN extensions.health_check:2', 'SBX_CONFIG_BUILT_IN extensions.file_storage/a:2',
      'SBX_CONFIG_BUILT_IN processors.batch:3', 'SBX_CONFIG_BUILT_IN processors.memory_limiter:3',
      'SBX_CONFIG_BUILT_IN exporters.loki.sending_queue.queue_size:4', 'SBX_CONFIG_BUILT_IN exporters.loki.sending_queue.storage:4',
      'SBX_CONFIG_UNUSED_COMPONENT exporters.store:4',
    ]);
  });

  const bombs: readonly (readonly [string, string])[] = [
    ['more than a megabyte', 'a: ' + 'x'.repeat(1 << 20)],
    ['brackets without end', '['.repeat(500_000)],
    ['maps without end', 'a: ' + '{a: '.repeat(100_000)],
    ['lists on one line', '- '.repeat(100_000) + 'x'],
    ['indentation without end', Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['aliases of aliases', 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n' + Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join('\n')],
    ['an alias of itself', 'a: &a [*a]'],
    ['many aliases', `a: &a x\nb: [${'*a, '.repeat(150_000)}]`],
  ];
  for (const [what, text] of bombs) {
    it(`refuses ${what}`, () => {
      const found = mistakesOf(text);
      assert.ok(found.length > 0);
      assert.match(found[0]!, /SBX_CONFIG_TOO_LARGE/);
    });
  }
});
