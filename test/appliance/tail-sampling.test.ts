import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Span } from '@signalbox/signals/model/span';
import { decodeTraces, encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { rolePid } from '../faults/roles.js';
import { signalbox, startAppliance, type ApplianceOptions, type RunningAppliance } from '../harness/appliance.js';

interface Row {
  readonly reader: string;
  readonly signal: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly balanced: boolean;
}
interface Explained {
  readonly decisions: readonly { readonly pipeline: string; readonly sampled: boolean; readonly policy: string; readonly verdicts: readonly { readonly policy: string; readonly verdict: string }[]; readonly spans: number; readonly durationMs: number }[];
}

const MS = 1_000_000n;
const ERROR = { code: 2, message: 'failed' } as const;

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1800; i++) {
    if (await condition()) return;
    await sleep(100);
  }
  assert.fail(`never: ${what}`);
}

/** An OTLP/HTTP destination that counts the spans of each trace by their ids. */
class Destination {
  readonly traces = new Map<string, Set<string>>();
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      for (const { scopeSpans } of decodeTraces(Buffer.concat(chunks)).resourceSpans) {
        for (const { traceId, spanId } of scopeSpans.flatMap(({ spans }) => spans)) this.traces.set(traceId, (this.traces.get(traceId) ?? new Set()).add(spanId));
      }
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const newTrace = (): string => randomBytes(16).toString('hex');

function spanOf(traceId: string, change: Partial<Span> & { readonly forMs?: number } = {}): Span {
  const { forMs = 1, ...rest } = change;
  const nowNs = BigInt(Date.now()) * MS;
  return {
    traceId, spanId: randomBytes(8).toString('hex'), parentSpanId: '', traceState: '', flags: 0, name: 'step', kind: 1, startNs: nowNs - BigInt(forMs) * MS, endNs: nowNs, attributes: [],
    droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' }, ...rest,
  };
}

async function send(appliance: RunningAppliance, spans: readonly Span[]): Promise<boolean> {
  const resource = { attributes: [{ key: 'service.name', value: 'sampled' }], droppedAttributesCount: 0 };
  const body = encodeTraces({ resourceSpans: [{ resource, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans: [...spans] }] }] }) as Uint8Array<ArrayBuffer>;
  const answer = await fetch(`${appliance.http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body }).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

/** Ids of the trace's spans in the embedded store. */
async function stored(appliance: RunningAppliance, traceId: string): Promise<Set<string>> {
  const answer = await fetch(`${appliance.url}/jaeger/api/traces/${traceId}`);
  if (!answer.ok) return new Set();
  const { data } = (await answer.json()) as { data: { spans: { spanID: string }[] }[] };
  return new Set(data.flatMap(({ spans }) => spans.map(({ spanID }) => spanID)));
}

const ledgerOf = async (appliance: RunningAppliance): Promise<readonly Row[]> => ((await (await fetch(`${appliance.url}/api/v1/ledger`)).json()) as { rows: Row[] }).rows.filter(({ signal }) => signal === 'traces');

/** Waits until both readers have settled everything, and answers their rows. */
async function settled(appliance: RunningAppliance): Promise<readonly Row[]> {
  let rows: readonly Row[] = [];
  await until('everything is settled', async () => {
    rows = await ledgerOf(appliance).catch(() => []);
    return rows.length === 2 && rows.every(({ queued }) => queued === 0);
  });
  return rows;
}

const DECISION_WAIT_MS = 1000;

const configured = (endpoint: string, policies: string, wait = `${DECISION_WAIT_MS}ms`): string => `processors: { tail_sampling: { decision_wait: ${wait}, policies: [ ${policies.replaceAll('\n', ' ')} ] } }
exporters: { store: {}, otlphttp: { endpoint: "${endpoint}", compression: none, retry_on_failure: { initial_interval: 100ms, max_interval: 500ms } } }
service: { pipelines: { traces: { receivers: [otlp], processors: [tail_sampling], exporters: [store, otlphttp] } } }
`;

/** Two dozen requests come within it on a busy machine, too. */
const LONG_WAIT = '20s';
const FAILED = '{ name: failed, type: status_code, status_code: { status_codes: [ERROR] } },';

describe('tail sampling in the appliance', function () {
  this.timeout(400_000);
  let destination: Destination;
  let endpoint: string;
  let appliance: RunningAppliance | null = null;
  beforeEach(async () => {
    destination = new Destination();
    endpoint = await destination.start();
  });
  afterEach(async () => {
    await appliance?.stop();
    appliance = null;
    await destination.stop();
  });

  /** What the store has counts as delivered when it is flushed. */
  const start = (options: ApplianceOptions): Promise<RunningAppliance> => startAppliance({ ...options, env: { SIGNALBOX_STORE_FLUSH_AGE: '1s' } });

  const explain = async (running: RunningAppliance, traceId: string): Promise<Explained | null> => {
    const answer = await fetch(`${running.url}/api/v1/sampling/${traceId}`);
    return answer.ok ? ((await answer.json()) as Explained) : null;
  };

  it('keeps what its policies want, the same in the store and at the exporter, and says why', async () => {
    const running = (appliance = await start({
      rest: () => configured(endpoint, `${FAILED}
{ name: slow, type: latency, latency: { threshold_ms: 500000 } },
{ name: gold, type: string_attribute, string_attribute: { key: tier, values: [gold, "plat.*"], enabled_regex_matching: true } },
{ name: large, type: numeric_attribute, numeric_attribute: { key: items, min_value: 100, max_value: 200 } },
{ name: north-slow, type: and, and: { and_sub_policy: [ { name: north, type: string_attribute, string_attribute: { key: region, values: [north] } }, { name: rather-slow, type: latency, latency: { threshold_ms: 100000 } } ] } },
{ name: all-of-it, type: and, and: { and_sub_policy: [ { name: marked, type: string_attribute, string_attribute: { key: want, values: [all] } }, { name: always, type: always_sample } ] } },
{ name: none-of-it, type: and, and: { and_sub_policy: [ { name: none-marked, type: string_attribute, string_attribute: { key: want, values: [none] } }, { name: never, type: probabilistic, probabilistic: { sampling_percentage: 0 } } ] } },
{ name: some, type: and, and: { and_sub_policy: [ { name: some-marked, type: string_attribute, string_attribute: { key: want, values: [some] } }, { name: half, type: probabilistic, probabilistic: { sampling_percentage: 50 } } ] } },
{ name: few, type: and, and: { and_sub_policy: [ { name: few-marked, type: string_attribute, string_attribute: { key: want, values: [few] } }, { name: four-a-second, type: rate_limiting, rate_limiting: { spans_per_second: 4 } } ] } },
{ name: shared, type: composite, composite: { max_total_spans_per_second: 1000, policy_order: [vip], composite_sub_policy: [ { name: vip, type: boolean_attribute, boolean_attribute: { key: vip, value: true } } ], rate_allocation: [ { policy: vip, percent: 50 } ] } }`, LONG_WAIT),
    }));
    const attribute = (key: string, value: Attributes[number]['value']): Partial<Span> => ({ attributes: [{ key, value }] });
    /** What its second span is like, and the policy that is to keep it. */
    const cases: readonly (readonly [string, Parameters<typeof spanOf>[1], string | null])[] = [
      ['error', { status: ERROR }, 'failed'],
      ['latency', { forMs: 600_000 }, 'slow'],
      ['string', attribute('tier', 'platinum'), 'gold'],
      ['number', attribute('items', 150n), 'large'],
      ['number out of range', attribute('items', 201n), null],
      ['and', { ...attribute('region', 'north'), forMs: 200_000 }, 'north-slow'],
      ['half of and', attribute('region', 'north'), null],
      ['always', attribute('want', 'all'), 'all-of-it'],
      ['never', attribute('want', 'none'), null],
      ['composite', attribute('vip', true), 'shared'],
      ['nothing', {}, null],
    ];
    const sent = cases.map(([name, second, policy]) => ({ name, policy, second, traceId: newTrace() }));
    assert.ok((await Promise.all(sent.map(({ traceId }) => send(running, [spanOf(traceId)])))).every(Boolean));
    assert.ok((await Promise.all(sent.map(({ traceId, second }) => send(running, [spanOf(traceId, second)])))).every(Boolean));
    const [some, few] = ['some', 'few'].map((want) => Array.from({ length: 60 }, () => ({ traceId: newTrace(), want })));
    for (const traces of [some!, few!]) assert.ok(await send(running, traces.map(({ traceId, want }) => spanOf(traceId, attribute('want', want)))));
    const rows = await settled(running);
    const kept = [...destination.traces.keys()];
    for (const { name, traceId, policy, second } of sent) {
      assert.equal(destination.traces.get(traceId)?.size ?? 0, policy === null ? 0 : 2, `${name} at the exporter`);
      assert.equal((await stored(running, traceId)).size, policy === null ? 0 : 2, `${name} in the store`);
      const [decision, ...others] = (await explain(running, traceId))!.decisions;
      assert.deepEqual([others, decision!.pipeline, decision!.sampled, decision!.policy, decision!.spans], [[], 'traces', policy !== null, policy ?? '', 2], name);
      assert.ok(decision!.durationMs >= (second?.forMs ?? 0) && decision!.verdicts.length === 10, JSON.stringify(decision));
      assert.deepEqual(decision!.verdicts.filter(({ verdict }) => verdict === 'sampled').map((each) => each.policy), policy === null ? [] : [policy], name);
    }
    const ofSome = some!.filter(({ traceId }) => kept.includes(traceId)).length;
    assert.ok(ofSome > 5 && ofSome < 55, `${ofSome} of 60 where half are wanted`);
    // A boundary between two seconds may lie within.
    const ofFew = few!.filter(({ traceId }) => kept.includes(traceId)).length;
    assert.ok(ofFew >= 4 && ofFew <= 8, `${ofFew} of 60 where four a second are wanted`);
    const spans = 2 * sent.length + 120;
    const dropped = spans - 2 * cases.filter(([, , policy]) => policy !== null).length - ofSome - ofFew;
    for (const row of rows) assert.deepEqual([row.accepted, row.delivered, row.dropped, row.balanced], [spans, spans - dropped, { not_sampled: dropped }, true], row.reader);

    const { stdout } = await signalbox(['sampling', 'explain', sent[0]!.traceId, '--url', running.url]);
    assert.match(stdout, /was kept by pipeline traces: policy failed\ndecided at .*2 spans/);
    assert.match(stdout, /^failed +sampled$/m);
    const unknown = await signalbox(['sampling', 'explain', newTrace(), '--url', running.url]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /SBX_SAMPLING_UNDECIDED/);
    assert.equal((await fetch(`${running.url}/api/v1/sampling/xyz`)).status, 400);
  });

  it('lets late spans follow the decision, over a restart and a change of the policies too', async () => {
    let running = (appliance = await start({ rest: () => configured(endpoint, FAILED) }));
    const [kept, gone] = [newTrace(), newTrace()];
    assert.ok(await send(running, [spanOf(kept, { status: ERROR }), spanOf(gone)]));
    await settled(running);
    assert.deepEqual([...destination.traces.keys()], [kept]);
    await running.stop({ keep: true });

    running = appliance = await start({ dataDir: running.dataDir, rest: () => configured(endpoint, FAILED) });
    assert.equal((await explain(running, gone))?.decisions[0]?.sampled, false);
    assert.ok(await send(running, [spanOf(gone, { status: ERROR }), spanOf(kept)]));
    await until('the late one is at the exporter', () => destination.traces.get(kept)?.size === 2);
    await settled(running);
    assert.equal(destination.traces.has(gone), false);

    const before = rolePid(running.pid, 'deliver');
    writeFileSync(running.configFile, readFileSync(running.configFile, 'utf8').replace(FAILED, '{ name: everything, type: always_sample },'));
    process.kill(running.pid, 'SIGHUP');
    await until('the policies are taken over', () => running.said().includes('was taken over'));
    const fresh = newTrace();
    assert.ok(await send(running, [spanOf(gone), spanOf(kept), spanOf(fresh)]));
    await until('the fresh one is at the exporter', () => destination.traces.has(fresh) && destination.traces.get(kept)?.size === 3);
    const rows = await settled(running);
    assert.equal(rolePid(running.pid, 'deliver'), before, 'the process went on');
    assert.deepEqual([destination.traces.has(gone), (await stored(running, gone)).size, (await stored(running, kept)).size, (await stored(running, fresh)).size], [false, 0, 3, 1]);
    assert.deepEqual((await explain(running, fresh))?.decisions[0]?.policy, 'everything');
    for (const row of rows) assert.deepEqual([row.delivered, row.dropped, row.balanced], [4, { not_sampled: 3 }, true], row.reader);
  });

  it('keeps every wanted trace whole and no other, whatever is killed and reloaded under load', async () => {
    const running = (appliance = await start({ rest: () => configured(endpoint, FAILED)}));
    /** Traces with all four spans acknowledged. */
    const wanted = new Map<string, readonly string[]>();
    const unwanted = new Set<string>();
    let stopping = false;
    const client = async (n: number): Promise<void> => {
      for (let i = n; !stopping; i++) {
        const traceId = newTrace();
        const failing = i % 3 === 0;
        const spans = [spanOf(traceId), spanOf(traceId), spanOf(traceId), spanOf(traceId, failing ? { status: ERROR } : {})];
        const sentAtMs = performance.now();
        const first = await send(running, spans.slice(0, 2));
        await sleep(30);
        const second = await send(running, spans.slice(2));
        if (!failing) unwanted.add(traceId);
        // What comes after the decision follows it, and the second half alone says that the trace failed.
        else if (first && second && performance.now() - sentAtMs < DECISION_WAIT_MS / 2) wanted.set(traceId, spans.map(({ spanId }) => spanId));
        await sleep(10);
      }
    };
    const load = Promise.all([0, 1, 2].map(client));
    const victims = ['deliver', 'serve', 'deliver', 'receive', 'deliver', 'deliver'] as const;
    for (const [i, role] of victims.entries()) {
      const sofar = wanted.size;
      await until('the load goes on', () => wanted.size > sofar + 10);
      await until('it runs', () => rolePid(running.pid, role) !== null);
      process.kill(rolePid(running.pid, role)!, 'SIGKILL');
      if (i % 2 === 0) continue;
      // Another policy, which nothing fulfils.
      writeFileSync(running.configFile, readFileSync(running.configFile, 'utf8').replace(FAILED, `${FAILED} { name: never-${i}, type: latency, latency: { threshold_ms: 86400000 } },`));
      process.kill(running.pid, 'SIGHUP');
    }
    const sofar = wanted.size;
    await until('the load goes on', () => wanted.size > sofar + 30);
    stopping = true;
    await load;
    const rows = await settled(running);
    for (const row of rows) {
      assert.deepEqual([row.balanced, Object.keys(row.dropped)], [true, ['not_sampled']], JSON.stringify(row));
      assert.ok(row.dropped['not_sampled']! > 0 && row.delivered >= wanted.size * 4);
    }
    const wrong: string[] = [];
    for (const [traceId, ids] of wanted) {
      const [there, here] = [destination.traces.get(traceId) ?? new Set(), await stored(running, traceId)];
      if (!ids.every((id) => there.has(id)) || !ids.every((id) => here.has(id))) wrong.push(`${traceId}: ${there.size} at the exporter, ${here.size} in the store`);
    }
    for (const traceId of unwanted) if (destination.traces.has(traceId)) wrong.push(`${traceId} was not to be kept`);
    for (const traceId of [...unwanted].slice(-50)) if ((await stored(running, traceId)).size > 0) wrong.push(`${traceId} was not to be stored`);
    assert.deepEqual(wrong, [], `of ${wanted.size} wanted and ${unwanted.size} others`);
  });

  it('keeps every decision where a logs pipeline takes them, and shows it with the trace', async () => {
    const running = (appliance = await start({
      rest: () => configured(endpoint, FAILED).replace('service: { pipelines: {', 'service: { pipelines: { logs/decisions: { receivers: [tail_sampling], exporters: [store] },'),
    }));
    const gone = newTrace();
    assert.ok(await send(running, [spanOf(gone)]));
    let text = '';
    await until('the decision is there', async () => (text = await (await fetch(`${running.url}/api/v1/traces/${gone}/logs`)).text()).includes('not_sampled'));
    assert.match(text, /signalbox\.tail_sampling/);
    assert.match(text, /sampling\.verdicts/);
  });

  it('names the place of every mistake in the policies before anything starts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-sampling-'));
    try {
      const file = join(folder, 'wrong.yaml');
      writeFileSync(file, `receivers: { otlp: {} }
processors:
  tail_sampling:
    policies:
      - { name: a, type: latency }
      - { name: a, type: always_sample }
      - { name: b, type: string_attribute, string_attribute: { key: x, values: ["("], enabled_regex_matching: true } }
      - { name: c, type: composite, composite: { max_total_spans_per_second: 10, policy_order: [nobody], composite_sub_policy: [ { name: d, type: always_sample } ] } }
exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], processors: [tail_sampling], exporters: [store] } } }
`);
      const { code, stderr } = await signalbox(['start', '--check', '--config', file, '--data', folder]);
      assert.equal(code, 1);
      for (const part of [/wrong\.yaml:5.*policies\[0\].*'latency'/, /wrong\.yaml:6.*policies\[1\].*'a'/, /wrong\.yaml:8.*policy_order\[0\].*'nobody'/]) assert.match(stderr, part);
      writeFileSync(file, readFileSync(file, 'utf8').replace('name: a, type: latency', 'name: z, type: latency, latency: { threshold_ms: 1 }').replace('[nobody]', '[d]'));
      const again = await signalbox(['start', '--check', '--config', file, '--data', folder]);
      assert.match(again.stderr, /wrong\.yaml:7.*policies\[2\].*values\[0\]/);
      writeFileSync(file, readFileSync(file, 'utf8').replace('values: ["("]', 'values: ["x"]').replace('type: always_sample }\n', 'type: alway_sample }\n'));
      assert.match((await signalbox(['start', '--check', '--config', file, '--data', folder])).stderr, /wrong\.yaml:6.*policies\[1\]\.type/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
