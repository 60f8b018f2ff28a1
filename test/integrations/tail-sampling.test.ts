import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detachedPlace } from '@signalbox/collector/config/place';
import { testContext } from '@signalbox/collector/exporters/testing/context';
import { parseTailSamplingConfig } from '@signalbox/collector/processors/tail_sampling/config';
import { TailSampler } from '@signalbox/collector/processors/tail_sampling/sampler';
import { TraceFacts } from '@signalbox/collector/sampling/trace-facts';
import type { Frame } from '@signalbox/journal/frame';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Span, TracesData } from '@signalbox/signals/model/span';
import { decodeTraces, encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { freePort } from '../servers/free-port.js';
import { serverDir } from '../servers/cache.js';
import { findRecipe } from '../servers/recipes.js';
import { requireServer } from '../servers/require-server.js';
import { eventually } from './eventually.js';

const TRACES = 400;
const SERVICES = ['cart', 'checkout', 'pay'];

const text = (name: string, key: string, values: readonly string[], more: object = {}): object => ({ name, type: 'string_attribute', string_attribute: { key, values, ...more } });
const failed = { name: 'failed', type: 'status_code', status_code: { status_codes: ['ERROR'] } };
const all = { name: 'all', type: 'always_sample' };

/** Policies that come to the same decision whenever they are asked, alone and together; latency with an upper threshold does not there. */
const CASES: Readonly<Record<string, readonly object[]>> = {
  always: [all],
  latency: [{ name: 'slow', type: 'latency', latency: { threshold_ms: 500 } }],
  ...Object.fromEntries([100, 250, 300, 350, 400, 450, 600, 700].map((ms) => [`latency-${ms}`, [{ name: 'slow', type: 'latency', latency: { threshold_ms: ms } }]])),
  status: [failed],
  'status-several': [{ name: 's', type: 'status_code', status_code: { status_codes: ['OK', 'ERROR'] } }],
  'text-of-span': [text('gold', 'tier', ['gold'])],
  'text-of-resource': [text('cart', 'service.name', ['cart'])],
  regex: [text('metal', 'tier', ['^(gold|silver)$', 'x+'], { enabled_regex_matching: true })],
  inverted: [text('not-gold', 'tier', ['gold'], { invert_match: true })],
  'inverted-beside': [all, text('not-gold', 'tier', ['gold'], { invert_match: true })],
  number: [{ name: 'n', type: 'numeric_attribute', numeric_attribute: { key: 'items', min_value: 3, max_value: 6 } }],
  boolean: [{ name: 'b', type: 'boolean_attribute', boolean_attribute: { key: 'vip', value: true } }],
  'span-count': [{ name: 'c', type: 'span_count', span_count: { min_spans: 2, max_spans: 3 } }],
  'trace-state': [{ name: 't', type: 'trace_state', trace_state: { key: 'team', values: ['shop'] } }],
  condition: [{ name: 'o', type: 'ottl_condition', ottl_condition: { error_mode: 'ignore', span: ['attributes["items"] == 2 and kind == SPAN_KIND_SERVER', 'name == "special"'] } }],
  share: [{ name: 'p', type: 'probabilistic', probabilistic: { sampling_percentage: 30 } }],
  'share-salted': [{ name: 'p', type: 'probabilistic', probabilistic: { sampling_percentage: 12.5, hash_salt: 'pepper' } }],
  and: [{ name: 'a', type: 'and', and: { and_sub_policy: [failed, text('cart', 'service.name', ['cart'])] } }],
  several: [failed, text('gold', 'tier', ['gold']), { name: 'p', type: 'probabilistic', probabilistic: { sampling_percentage: 5 } }],
  drop: [all, { name: 'd', type: 'drop', drop: { drop_sub_policy: [text('gold', 'tier', ['gold'])] } }],
  not: [{ name: 'n', type: 'not', not: { not_sub_policy: text('gold', 'tier', ['gold']) } }],
};

describe('integration: tail_sampling beside the OpenTelemetry Collector', function () {
  this.timeout(240_000);
  const kept = new Map<string, Set<string>>();
  let folder: string;
  let collector: ChildProcess;
  let destination: Server;
  let receiver: number;

  before(async function () {
    requireServer(this, 'otelcol');
    folder = mkdtempSync(join(tmpdir(), 'signalbox-beside-'));
    destination = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const name = request.url!.split('/')[1]!;
        const ids = kept.get(name) ?? new Set();
        for (const span of spansOf(decodeTraces(Buffer.concat(chunks)))) ids.add(span.traceId);
        kept.set(name, ids);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    await new Promise<void>((resolve) => destination.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(destination.address() as AddressInfo).port}`;
    receiver = await freePort();
    const names = Object.keys(CASES);
    const each = <T>(of: (name: string) => T, prefix: string): Record<string, T> => Object.fromEntries(names.map((name) => [`${prefix}/${name}`, of(name)]));
    // JSON is YAML.
    writeFileSync(join(folder, 'otelcol.yaml'), JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${receiver}` } } } },
      // All spans must have come by then, on a busy machine too.
      processors: each((name) => ({ decision_wait: '10s', num_traces: 10_000, policies: CASES[name] }), 'tail_sampling'),
      exporters: each((name) => ({ endpoint: `${to}/${name}`, compression: 'none' }), 'otlphttp'),
      service: {
        telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
        pipelines: each((name) => ({ receivers: ['otlp'], processors: [`tail_sampling/${name}`], exporters: [`otlphttp/${name}`] }), 'traces'),
      },
    }));
    collector = spawn(join(serverDir(findRecipe('otelcol')), 'otelcol'), ['--config', join(folder, 'otelcol.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    collector.stderr!.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    await eventually(async () => {
      assert.equal(collector.exitCode, null, said);
      await fetch(`http://127.0.0.1:${receiver}/`);
    });
  });

  after(async () => {
    if (collector?.exitCode === null) {
      const gone = new Promise((resolve) => collector.once('exit', resolve));
      collector.kill('SIGKILL');
      await gone;
    }
    destination?.closeAllConnections();
    await new Promise((resolve) => (destination ? destination.close(resolve) : resolve(null)));
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('keeps the same traces by every policy', async () => {
    const requests = makeRequests();
    for (const data of requests) {
      const answer = await fetch(`http://127.0.0.1:${receiver}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: encodeTraces(data) as Uint8Array<ArrayBuffer> });
      assert.equal(answer.status, 200);
    }
    const wanted = new Map(Object.keys(CASES).map((name) => [name, ours(name, requests)]));
    await eventually(async () => assert.deepEqual([...wanted].flatMap(([name, ids]) => difference(name, ids, kept.get(name) ?? new Set())), []), 90_000);
    for (const [name, ids] of wanted) assert.ok(/^(always|inverted-beside)$/.test(name) || (ids.size > 0 && ids.size < TRACES), `${name} tells nothing: ${ids.size}`);
  });
});

function difference(name: string, wanted: ReadonlySet<string>, theirs: ReadonlySet<string>): readonly string[] {
  const [oursOnly, theirsOnly] = [[...wanted].filter((id) => !theirs.has(id)), [...theirs].filter((id) => !wanted.has(id))];
  return oursOnly.length + theirsOnly.length === 0 ? [] : [`${name}: ours ${wanted.size}, theirs ${theirs.size}; only ours ${oursOnly.length}, only theirs ${theirsOnly.length}, such as ${oursOnly[0] ?? theirsOnly[0]}`];
}

function spansOf({ resourceSpans }: TracesData): readonly Span[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans);
}

/** Ids of the traces that our sampler keeps. */
function ours(name: string, requests: readonly TracesData[]): ReadonlySet<string> {
  const sampler = new TailSampler(parseTailSamplingConfig({ policies: CASES[name] }, detachedPlace('(test)')), testContext({ id: 'tail_sampling' }));
  const traces = new Map<string, TraceFacts>();
  const byHex = (id: string): TraceFacts => {
    const trace = traces.get(id) ?? new TraceFacts('default', Buffer.from(id, 'hex').toString('latin1'), 0, 0);
    traces.set(id, trace);
    return trace;
  };
  for (const data of requests) {
    const lookup = { byHex, byBytes: (bytes: Buffer, at: number) => byHex(bytes.toString('hex', at, at + 16)) };
    if (sampler.needsModel) sampler.observeModel({ position: 0, receivedNs: 0n, items: 0, ordinals: new Uint32Array(), data: { signal: 'traces', traces: data } }, lookup);
    else sampler.observe({ payload: Buffer.from(encodeTraces(data)), rejected: [] as readonly number[] } as Frame, lookup);
  }
  return new Set([...traces].filter(([, trace]) => sampler.decide(trace, 0).sampled).map(([id]) => id));
}

/** Traces of one to four spans, spread over requests and services; the same in each run but for the time. */
function makeRequests(): readonly TracesData[] {
  let seed = 42;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const hex = (digits: number): string => Array.from({ length: digits }, () => random(16).toString(16)).join('');
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const span = (traceId: string): Span => {
    const startNs = nowNs - BigInt(random(600)) * 1_000_000n;
    const attributes: Attributes = [
      ...(random(4) === 0 ? [{ key: 'tier', value: ['gold', 'silver', 'golden', 'xx', ''][random(5)]! }] : []),
      ...(random(3) === 0 ? [{ key: 'items', value: BigInt(random(10)) }] : []),
      ...(random(5) === 0 ? [{ key: 'vip', value: random(2) === 0 }] : []),
    ];
    return {
      traceId, spanId: hex(16), parentSpanId: '', traceState: random(8) === 0 ? ['team=shop', 'a=b,team=shop', 'team=other', 'xteam=shop'][random(4)]! : '', flags: 0, name: random(20) === 0 ? 'special' : 'usual', kind: 1 + random(3),
      startNs, endNs: startNs + BigInt(random(400)) * 1_000_000n, attributes, droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: random(6) === 0 ? 2 : random(6) === 0 ? 1 : 0, message: '' },
    };
  };
  const spans = Array.from({ length: TRACES }, () => hex(32)).flatMap((traceId) => Array.from({ length: 1 + random(4) }, () => span(traceId)));
  const shuffled = spans.map((each) => [random(1e9), each] as const).sort(([a], [b]) => a - b).map(([, each]) => each);
  return Array.from({ length: Math.ceil(shuffled.length / 100) }, (_, i) => shuffled.slice(i * 100, (i + 1) * 100)).map((list): TracesData => ({
    resourceSpans: SERVICES.map((service, s) => ({
      resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0 }, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans: list.filter((_, i) => i % SERVICES.length === s) }],
    })),
  }));
}
