import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '@signalbox/collector/security/fixture.test';
import { ALL_TO_STORE, signalbox, startAppliance } from '../harness/appliance.js';
import type { RunningAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';
import { freePort } from '../servers/free-port.js';

interface VerifyAnswer {
  readonly ok: boolean;
  readonly links: readonly { readonly signal: string; readonly wayIn: string; readonly acknowledgedMs: number | null; readonly wayOut: string; readonly foundMs: number | null; readonly failure: string | null; readonly leftOut: string | null }[];
  readonly broken: readonly string[];
  readonly notes: readonly string[];
}

const sampled = (sampler: string, section: string): string => `processors: { ${sampler}: { ${section} } }
exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], processors: [${sampler}], exporters: [store] }, logs: { receivers: [otlp], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`;
const FAILED_ALONE = 'policies: [{ name: failed, type: status_code, status_code: { status_codes: [ERROR] } }]';

describe('signalbox verify', function () {
  this.timeout(240_000);

  it('finds one marked trace, log line and metric through every way in and out', async () => {
    const appliance = await startAppliance({ receivers: 'prometheusremotewrite: {}, loki: {}', rest: () => `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, logs: { receivers: [otlp, loki], exporters: [store] }, metrics: { receivers: [otlp, prometheusremotewrite], exporters: [store] } } }
` });
    try {
      const { code, stdout, stderr } = await signalbox(['verify', '--json', '--url', appliance.url, '--timeout', '90']);
      const answer = JSON.parse(stdout) as VerifyAnswer;
      assert.deepEqual(answer.broken, []);
      assert.equal(code, 0, stderr);
      assert.deepEqual([...new Set(answer.links.map((l) => l.wayIn))].sort(), ['Loki push', 'OTLP/HTTP JSON', 'OTLP/HTTP protobuf', 'OTLP/gRPC', 'Prometheus remote write']);
      assert.deepEqual([...new Set(answer.links.map((l) => l.signal))].sort(), ['logs', 'metrics', 'traces']);
      assert.ok(answer.links.every((l) => l.foundMs !== null));
      const table = await signalbox(['verify', '--config', appliance.configFile, '--timeout', '90']);
      assert.match(table.stdout, /OTLP\/gRPC .*Jaeger trace by id .* ms/);
    } finally {
      await appliance.stop();
    }
  });

  it('finds a marked span through each zipkin receiver, of the configuration or of those that listen', async () => {
    const [port, other] = [await freePort(), await freePort()];
    const appliance = await startAppliance({
      receivers: `zipkin: { endpoint: "127.0.0.1:${port}" }, zipkin/free: { endpoint: "127.0.0.1:0" }, zipkin/unused: { endpoint: "127.0.0.1:${other}" }`,
      rest: () => `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp, zipkin, zipkin/free], exporters: [store] }, logs: { receivers: [otlp], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`,
    });
    const spans = ({ links }: VerifyAnswer): readonly string[] => links.filter(({ wayIn }) => wayIn.startsWith('Zipkin')).map(({ wayIn, wayOut, foundMs }) => `${wayIn} → ${wayOut}: ${foundMs === null ? 'not found' : 'found'}`);
    const searched = (name: string): readonly string[] => ['Jaeger trace by id', 'Jaeger search', 'Tempo trace by id', 'Tempo search'].map((out) => `${name} → ${out}: found`);
    try {
      const { code, stdout, stderr } = await signalbox(['verify', '--json', '--config', appliance.configFile, '--timeout', '90']);
      assert.equal(code, 0, stdout + stderr);
      const answer = JSON.parse(stdout) as VerifyAnswer;
      assert.deepEqual(spans(answer), searched('Zipkin (zipkin)'));
      assert.match(answer.notes.join('\n'), /^zipkin\/free gets no span: which port it took/m);
      const unconfigured = JSON.parse((await signalbox(['verify', '--json', '--url', appliance.url, '--timeout', '90'])).stdout) as VerifyAnswer;
      assert.equal(spans(unconfigured).length, 8);
      assert.ok(spans(unconfigured).every((each) => each.endsWith(': found')), spans(unconfigured).join('\n'));
      assert.ok(spans(unconfigured).some((each) => each.startsWith(`Zipkin (127.0.0.1:${port}) → `)));
    } finally {
      await appliance.stop();
    }
  });

  it('finds a marked line through each syslog receiver, over TCP and UDP, in each format that it takes', async () => {
    const [both, old, dropping] = [await freePort(), await freePort(), await freePort()];
    const appliance = await startAppliance({
      receivers: `syslog: { tcp: { listen_address: "127.0.0.1:${both}", enable_octet_counting: true }, udp: { listen_address: "127.0.0.1:${both}" }, operators: [{ type: json_parser, parse_from: body, trace: { trace_id: { parse_from: attributes.tid } } }] }, syslog/old: { protocol: rfc3164, location: Asia/Kolkata, tcp: { listen_address: "127.0.0.1:${old}" } }, syslog/dropping: { udp: { listen_address: "127.0.0.1:${dropping}" }, operators: [{ type: filter, expr: "true" }] }`,
      rest: () => `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, logs: { receivers: [otlp, syslog, syslog/old, syslog/dropping], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`,
    });
    try {
      const { code, stdout, stderr } = await signalbox(['verify', '--json', '--config', appliance.configFile, '--timeout', '90']);
      assert.equal(code, 0, stdout + stderr);
      const answer = JSON.parse(stdout) as VerifyAnswer;
      const lines = answer.links.filter(({ wayIn }) => wayIn.startsWith('RFC'));
      assert.deepEqual(lines.map(({ wayIn, wayOut }) => `${wayIn} → ${wayOut}`), [
        ...['RFC 5424 over TCP', 'RFC 5424 over UDP', 'RFC 3164 over TCP', 'RFC 3164 over UDP'].flatMap((way) => [`${way} (syslog) → Loki query_range`, `${way} (syslog) → logs of the trace`]),
        'RFC 3164 over TCP (syslog/old) → Loki query_range',
      ]);
      assert.ok(lines.every(({ foundMs, acknowledgedMs }) => foundMs !== null && acknowledgedMs === null), stdout);
      const notes = answer.notes.join('\n');
      assert.match(notes, /^syslog\/old: nothing on the way sets the trace id/m);
      assert.match(notes, /^syslog\/dropping gets no line of RFC 5424 over UDP: .*operators that drop/m);
      assert.match(notes, /^syslog\/dropping gets no line of RFC 3164 over UDP: .*operators that drop/m);
      const unconfigured = await signalbox(['verify', '--url', appliance.url, '--timeout', '90']);
      assert.match(unconfigured.stdout, new RegExp(`Note: syslog\\+udp at 127\\.0\\.0\\.1:${both} gets no line; --config FILE`));
    } finally {
      await appliance.stop();
    }
  });

  it('speaks TLS with syslog receivers that do, and says why it cannot', async function () {
    const certificates = await makeCertificates();
    if (certificates === null) {
      console.warn('      skipped: openssl is not there');
      return this.skip();
    }
    const [tls, mutual] = [await freePort(), await freePort()];
    const files = `cert_file: "${certificates.file('server.pem')}", key_file: "${certificates.file('server.key')}"`;
    const appliance = await startAppliance({
      receivers: `syslog: { protocol: rfc5424, tcp: { listen_address: "127.0.0.1:${tls}", tls: { ${files} } } }, syslog/mutual: { protocol: rfc5424, tcp: { listen_address: "127.0.0.1:${mutual}", tls: { ${files}, client_ca_file: "${certificates.file('ca.pem')}" } } }`,
      rest: () => `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, logs: { receivers: [otlp, syslog, syslog/mutual], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`,
    });
    try {
      const run = (...more: readonly string[]) => signalbox(['verify', '--config', appliance.configFile, '--timeout', '90', ...more]);
      const trusting = await run('--ca-file', certificates.file('ca.pem'));
      assert.equal(trusting.code, 0, trusting.stdout);
      assert.match(trusting.stdout, /RFC 5424 over TLS \(syslog\) +– +Loki query_range +\d+ ms/);
      assert.match(trusting.stdout, /Note: syslog\/mutual gets no line over TLS: it demands a certificate.*--cert-file/);
      const known = await run('--ca-file', certificates.file('ca.pem'), '--cert-file', certificates.file('client.pem'), '--key-file', certificates.file('client.key'));
      assert.equal(known.code, 0, known.stdout);
      assert.match(known.stdout, /RFC 5424 over TLS \(syslog\/mutual\) +– +Loki query_range +\d+ ms/);
      const distrusting = await run();
      assert.equal(distrusting.code, 1);
      assert.match(distrusting.stdout, /logs: RFC 5424 over TLS \(syslog\) → Loki query_range: not accepted: 127\.0\.0\.1:\d+: TLS failed: .*--ca-file/);
    } finally {
      await appliance.stop();
      certificates.remove();
    }
  });

  it('says which receivers it does not try, and why', async () => {
    const nobody = await freePort();
    const appliance = await startAppliance({
      receivers: `otlp/second: { protocols: { http: { endpoint: "127.0.0.1:0" } } }, prometheus: { config: { scrape_configs: [{ job_name: none, static_configs: [{ targets: ["127.0.0.1:${nobody}"] }] }] } }, kafka: { brokers: ["127.0.0.1:${nobody}"] }, kafka/unused: { brokers: ["127.0.0.1:${nobody}"] }, hostmetrics: { scrapers: { memory: {} } }`,
      rest: () => `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp, otlp/second, kafka], exporters: [store] }, logs: { receivers: [otlp], exporters: [store] }, metrics: { receivers: [otlp, prometheus, hostmetrics], exporters: [store] } } }
`,
    });
    try {
      const { code, stdout } = await signalbox(['verify', '--config', appliance.configFile, '--timeout', '90']);
      assert.equal(code, 0, stdout);
      for (const [id, why] of [['kafka', 'others read its topics'], ['prometheus', 'it fetches from its targets'], ['hostmetrics', 'it reads this machine']]) assert.match(stdout, new RegExp(`^Note: ${id} was not tried: ${why}`, 'm'));
      assert.match(stdout, /^Note: of otlp, otlp\/second one alone was tried/m);
      assert.doesNotMatch(stdout, /kafka\/unused/);
      const unconfigured = await signalbox(['verify', '--url', appliance.url, '--timeout', '90']);
      assert.equal(unconfigured.code, 0, unconfigured.stdout);
      assert.match(unconfigured.stdout, /^Note: receivers that watch files, take syslog, read Kafka or scrape were not tried.*--config FILE/m);
    } finally {
      await appliance.stop();
    }
  });

  it('does not take for broken what tail sampling is told to leave out', async () => {
    const tail = await startAppliance({ rest: () => sampled('tail_sampling', `decision_wait: 1s, ${FAILED_ALONE}`) });
    try {
      const { code, stdout, stderr } = await signalbox(['verify', '--json', '--url', tail.url, '--timeout', '90']);
      const answer = JSON.parse(stdout) as VerifyAnswer;
      assert.deepEqual(answer.broken, []);
      assert.equal(code, 0, stderr);
      const traces = answer.links.filter(({ signal }) => signal === 'traces');
      assert.ok(traces.length > 0 && traces.every(({ foundMs, leftOut }) => foundMs === null && leftOut === 'tail_sampling'), JSON.stringify(traces));
      assert.ok(answer.links.every(({ signal, foundMs }) => signal === 'traces' || foundMs !== null));
      assert.match(answer.notes.join(), /tail_sampling did not keep the marked traces.*signalbox-verify/);
    } finally {
      await tail.stop();
    }
  }).timeout(300_000);

  it('says when tail sampling has not decided yet', async () => {
    const slow = await startAppliance({ rest: () => sampled('tail_sampling', `decision_wait: 10m, ${FAILED_ALONE}`) });
    try {
      const { code, stdout } = await signalbox(['verify', '--url', slow.url, '--timeout', '6']);
      assert.equal(code, 1);
      assert.match(stdout, /traces: OTLP\/gRPC → Jaeger trace by id: .*tail sampling has not decided.*--timeout/);
    } finally {
      await slow.stop();
    }
  });

  it('comes through samplers that keep a share', async () => {
    const share = await startAppliance({ rest: () => sampled('probabilistic_sampler', 'sampling_percentage: 0') });
    try {
      const { code, stdout } = await signalbox(['verify', '--url', share.url, '--timeout', '90']);
      assert.equal(code, 0, stdout);
    } finally {
      await share.stop();
    }
  });

  it('looks for the lines of files whose trace id nobody parses by their text, and says so', async () => {
    const logs = mkdtempSync(join(tmpdir(), 'signalbox-lines-'));
    const appliance = await startAppliance({
      receivers: `filelog: { include: ["${logs}/*.log"], operators: [{ type: regex_parser, regex: "^(?P<level>[A-Z]+) (?P<message>.*)$" }] }, filelog/strict: { include: ["${logs}/*.txt"], operators: [{ type: regex_parser, regex: "^(?P<level>[A-Z]+) (?P<message>.*)$", on_error: drop }] }`,
      rest: () => `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, logs: { receivers: [otlp, filelog, filelog/strict], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`,
    });
    try {
      const { code, stdout, stderr } = await signalbox(['verify', '--json', '--config', appliance.configFile, '--timeout', '90']);
      const answer = JSON.parse(stdout) as VerifyAnswer;
      assert.deepEqual(answer.broken, []);
      assert.equal(code, 0, stderr);
      assert.deepEqual(answer.links.filter(({ wayIn }) => wayIn.startsWith('file')).map(({ wayIn, wayOut, foundMs }) => [wayIn, wayOut, foundMs !== null]), [['file (filelog)', 'Loki query_range', true]]);
      assert.equal(answer.notes.length, 2, answer.notes.join('\n'));
      assert.match(answer.notes.join('\n'), /^filelog: nothing on the way sets the trace id of the marked line .*trace_parser.*by its text.*\nfilelog\/strict gets no line: .*operators that drop/);
    } finally {
      await appliance.stop();
      rmSync(logs, { recursive: true, force: true });
    }
  });

  it('ends with 1 and names the link that is broken', async () => {
    const appliance = await startAppliance({ rest: () => 'exporters: { store: {} }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }\n' });
    try {
      const { code, stdout } = await signalbox(['verify', '--url', appliance.url, '--timeout', '6']);
      assert.equal(code, 1);
      assert.match(stdout, /logs: OTLP\/gRPC → Loki query_range: not accepted/);
      assert.ok(!/traces: .*not accepted/.test(stdout), stdout);
    } finally {
      await appliance.stop();
    }
  });

  it('says what to do when nothing answers', async () => {
    const { code, stderr } = await signalbox(['verify', '--url', 'http://127.0.0.1:9']);
    assert.equal(code, 1);
    assert.match(stderr, /SBX_STATUS_UNREACHABLE.*npm start/s);
  });
});

describe('signalbox doctor', function () {
  this.timeout(180_000);
  let appliance: RunningAppliance;
  before(async () => { appliance = await startAppliance(); });
  after(() => appliance.stop());

  const doctor = async (...args: string[]): Promise<{ code: number | null; stdout: string }> => signalbox(['doctor', '--url', appliance.url, '--data', appliance.dataDir, ...args]);

  it('finds nothing where all is well', async () => {
    const { code, stdout } = await doctor('--endpoint', appliance.grpc, '--protocol', 'grpc');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /No problem found/);
  });

  const cases: readonly { readonly name: string; readonly args: () => string[]; readonly says: RegExp }[] = [
    { name: 'gRPC sent to the HTTP port', args: () => ['--endpoint', appliance.http, '--protocol', 'grpc'], says: /takes OTLP over HTTP, and the application is told to send gRPC[\s\S]*4317/ },
    { name: 'HTTP sent to the gRPC port', args: () => ['--endpoint', appliance.grpc, '--protocol', 'http/protobuf'], says: /takes OTLP over gRPC, and the application is told to send http\/protobuf[\s\S]*4318/ },
    { name: 'the console\'s port', args: () => ['--endpoint', appliance.url], says: /port for queries and the console/ },
    { name: 'a port where nobody listens', args: () => ['--endpoint', 'http://127.0.0.1:9'], says: /nobody listens at 127\.0\.0\.1:9 \(ECONNREFUSED\)/ },
    { name: 'a path too much', args: () => ['--endpoint', `${appliance.http}/v1/traces`, '--protocol', 'http/protobuf'], says: /put \/v1\/traces behind it once more/ },
    { name: 'a wrong path', args: () => ['--endpoint', `${appliance.http}/otlp`, '--protocol', 'http/protobuf'], says: /the path \/otlp is not one/ },
    { name: 'no URL at all', args: () => ['--endpoint', '127.0.0.1:4317'], says: /is not a URL/ },
    { name: 'a data directory that cannot be', args: () => ['--data', '/proc/nowhere/data'], says: /PROBLEM {2}data directory/ },
  ];
  for (const { name, args, says } of cases) {
    it(`names ${name}`, async () => {
      const { code, stdout } = await doctor(...args());
      assert.equal(code, 1, stdout);
      assert.match(stdout, says);
    });
  }

  it('names another program that has the port', async () => {
    const other = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    try {
      const { stdout } = await doctor('--endpoint', `http://127.0.0.1:${(other.address() as { port: number }).port}`);
      assert.match(stdout, /PROBLEM {2}endpoint/);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it('says that a token is missing', async () => {
    const data = appliance.dataDir + '-locked';
    const { stdout: token } = await signalbox(['token', 'create', '--data', data]);
    const locked = await startAppliance({ dataDir: data, env: { SIGNALBOX_AUTH_REQUIRED: 'true' } });
    try {
      const without = await signalbox(['doctor', '--url', locked.url, '--data', data, '--endpoint', locked.grpc]);
      assert.equal(without.code, 1);
      assert.match(without.stdout, /demands a token/);
      const given = await signalbox(['doctor', '--url', locked.url, '--data', data, '--endpoint', locked.grpc], { SIGNALBOX_TOKEN: token.trim() });
      assert.equal(given.code, 0, given.stdout);
    } finally {
      await locked.stop();
    }
  });

  it('finds the appliance by its configuration, and says when another one answers', async () => {
    const here = await signalbox(['doctor', '--config', appliance.configFile, '--data', appliance.dataDir]);
    assert.equal(here.code, 0, here.stdout);
    assert.ok(here.stdout.includes(`answers at ${appliance.url}`), here.stdout);
    const elsewhere = mkdtempSync(join(tmpdir(), 'signalbox-other-'));
    try {
      const { stdout } = await doctor('--data', elsewhere);
      assert.ok(stdout.includes(`it keeps its data in ${appliance.dataDir}, not in ${elsewhere}`), stdout);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('names a disk that is too full, and what was refused for it', async function () {
    // The largest share that may be demanded: a disk with nearly nothing on it has more.
    const share = 0.9;
    const { bavail, blocks } = statfsSync(tmpdir());
    if (bavail / blocks >= share) this.skip();
    const full = await startAppliance({ rest: () => `journal: { min_free_share: ${share} }\n${ALL_TO_STORE}` });
    try {
      const refused = await fetch(`${full.http}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }] }) });
      assert.equal(refused.status, 503);
      assert.match(await refused.text(), /SBX_JOURNAL_FULL/);
      // The roles tell what they count once a second.
      await eventually(async () => {
        const { code, stdout } = await signalbox(['doctor', '--config', full.configFile, '--data', full.dataDir]);
        assert.equal(code, 1, stdout);
        assert.match(stdout, /PROBLEM {2}data directory: the disk of \S+ is nearly full: .* and nothing is accepted below 90 %\n {9}→ free some space/);
        assert.match(stdout, /receivers refused items: otelcol_receiver_refused_log_records/);
      });
    } finally {
      await full.stop();
    }
  });

  it('prints JSON', async () => {
    const { stdout } = await doctor('--json');
    const answer = JSON.parse(stdout) as { ok: boolean; findings: { check: string }[] };
    assert.equal(answer.ok, true);
    assert.ok(answer.findings.some((f) => f.check === 'ports'));
  });
});
