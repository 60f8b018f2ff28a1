import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startAppliance } from '../harness/appliance.js';
import type { RunningAppliance } from '../harness/appliance.js';

const DEMO = fileURLToPath(new URL('../../demo/dist/main.js', import.meta.url));
/** PGlite takes three times as much while it makes a cluster, which it does in a process that ends. */
const MAX_DATABASE_KILOBYTES = 320 * 1024;
const SERVICES = ['inventory', 'orders', 'payments', 'storefront'];
const DECLINED = /card declined: (insufficient funds|card expired|limit exceeded)/;

interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly { readonly processID: string; readonly references: readonly unknown[]; readonly tags: readonly { readonly key: string; readonly value: unknown }[] }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

/** The shop's telemetry as anybody finds it, by the APIs of the appliance. */
describe('the demo: a shop that only the agent instruments', function () {
  this.timeout(400_000);
  let appliance: RunningAppliance;
  let demo: ReturnType<typeof start>;
  const started: ChildProcess[] = [];
  let said = '';

  before(async () => {
    appliance = await startAppliance();
    demo = start('--rate', '10');
    for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('the shop is open', () => said.includes('The shop is open'));
  });

  after(async () => {
    for (const one of started) {
      if (one.exitCode !== null || one.signalCode !== null) continue;
      const gone = once(one, 'exit');
      one.kill('SIGKILL');
      await gone;
    }
    await appliance?.stop();
  });

  it('says what to look at first, with the address of the console that was given', () => {
    assert.ok(said.includes(`${appliance.url}/traces?service=storefront&errors=1`), said);
    assert.ok(said.includes(`${appliance.url}/dashboards/signalbox-services`), said);
    assert.ok(said.includes(`curl -sG ${appliance.url}/`), said);
  });

  it('a checkout is one trace through all four services, SQL included', async () => {
    const statementsOf = ({ spans }: JaegerTrace) => spans.filter((span) => ['postgresql', 'postgres'].includes(String(tag(span, 'db.system.name') ?? tag(span, 'db.system'))));
    const isUpdate = (span: JaegerTrace['spans'][number]): boolean => /^UPDATE stock /.test(String(tag(span, 'db.query.text') ?? tag(span, 'db.statement')));
    // Each service sends its spans at its own time, and may send those of one request apart.
    const trace = await until('a trace through all services, with its statements', async () => (await traces({ operation: 'POST /checkout' })).find((one) => SERVICES.every((service) => servicesOf(one).has(service)) && statementsOf(one).some(isUpdate)));
    const statements = statementsOf(trace);
    assert.ok(statements.every((span) => trace.processes[span.processID]?.serviceName === 'inventory'));
  });

  it('a declined payment fails the request at the root, and its log lines say why', async () => {
    const { trace, lines } = await until('a failing trace with the reason in its lines', async () => {
      for (const trace of await traces({ tags: '{"error":"true","http.response.status_code":"502"}' })) {
        const lines = await (await fetch(`${appliance.url}/api/v1/traces/${trace.traceID}/logs`)).text();
        // Each service sends its lines at its own time; those of payments are waited for.
        if (DECLINED.test(lines) && lines.includes('"PaymentDeclined"')) return { trace, lines };
      }
      return undefined;
    });
    const root = trace.spans.find((span) => span.references.length === 0);
    assert.ok(root !== undefined);
    assert.equal(trace.processes[root.processID]?.serviceName, 'storefront');
    assert.equal(tag(root, 'error'), true);
    assert.equal(tag(root, 'http.response.status_code'), 502);
    assert.match(lines, /"order_id"/);
  });

  it('the metrics of all services arrive, those of prom-client with them', async () => {
    const jobs = await until('all jobs', async () => {
      const names = await data<string[]>('/prometheus/api/v1/label/job/values');
      return SERVICES.every((service) => names.includes(`shop/${service}`)) ? names : undefined;
    });
    assert.deepEqual([...jobs].sort(), SERVICES.map((service) => `shop/${service}`));
    for (const query of ['sum(orders_total{status="placed"})', 'sum(checkout_duration_seconds_count)', 'count(inventory_stock)']) {
      const value = await until(query, async () => {
        const { result } = await data<{ result: { value: [number, string] }[] }>(`/prometheus/api/v1/query?query=${encodeURIComponent(query)}`);
        return result[0] === undefined ? undefined : Number(result[0].value[1]);
      });
      assert.ok(value > 0, `${query} is ${value}`);
    }
  });

  it('the embedded database is no burden', function () {
    const database = childrenOf(demo.pid).find((pid) => commandOf(pid).includes('database/main.js'));
    assert.ok(database !== undefined);
    if (process.platform !== 'linux') this.skip();
    const peakKilobytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${database}/status`, 'utf8'))?.[1]);
    assert.ok(peakKilobytes < MAX_DATABASE_KILOBYTES, `${peakKilobytes} kB`);
  });

  it('SIGTERM ends it with 0, and leaves no process behind', async () => {
    const children = childrenOf(demo.pid);
    assert.equal(children.length, 5, 'four services and the database');
    const gone = once(demo, 'exit');
    demo.kill('SIGTERM');
    assert.deepEqual(await gone, [0, null], said);
    assert.deepEqual(children.filter(isAlive), []);
  });

  it('leaves no process behind when it is killed', async () => {
    const other = start();
    await once(other.stdout, 'data');
    const children = childrenOf(other.pid);
    assert.equal(children.length, 5);
    other.kill('SIGKILL');
    await until('all children are gone', () => !children.some(isAlive));
  });

  it('names the service that dies, and ends', async () => {
    const other = start();
    let complaint = '';
    other.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    await once(other.stdout, 'data');
    other.stdout.resume();
    const gone = once(other, 'exit');
    const payments = childrenOf(other.pid).find((pid) => commandOf(pid).includes('payments/main.js'));
    assert.ok(payments !== undefined);
    process.kill(payments, 'SIGKILL');
    assert.deepEqual(await gone, [1, null]);
    assert.match(complaint, /payments ended by SIGKILL/);
  });

  function start(...more: readonly string[]) {
    const one = spawn(process.execPath, [DEMO, '--otlp', appliance.grpc, '--console', appliance.url, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(one);
    return one;
  }

  async function traces(parameters: Readonly<Record<string, string>>): Promise<readonly JaegerTrace[]> {
    return data(`/jaeger/api/traces?${new URLSearchParams({ service: 'storefront', limit: '20', ...parameters })}`);
  }

  /** What the answers of Jaeger and Prometheus have in common. */
  async function data<T>(path: string): Promise<T> {
    const response = await fetch(`${appliance.url}${path}`);
    assert.equal(response.status, 200, path);
    return ((await response.json()) as { data: T }).data;
  }

  async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    for (let i = 0; i < 1500; i++) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await sleep(200);
    }
    assert.fail(`within five minutes not: ${what}\n${said}\n${appliance.said()}`);
  }
});

function servicesOf({ spans, processes }: JaegerTrace): Set<string | undefined> {
  return new Set(spans.map((span) => processes[span.processID]?.serviceName));
}

function tag({ tags }: JaegerTrace['spans'][number], key: string): unknown {
  return tags.find((one) => one.key === key)?.value;
}

function childrenOf(pid: number | undefined): number[] {
  return processTable().filter(({ parent }) => parent === pid).map((one) => one.pid);
}

function commandOf(pid: number): string {
  return processTable().find((one) => one.pid === pid)?.command ?? '';
}

function processTable(): { readonly pid: number; readonly parent: number; readonly command: string }[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n').flatMap((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
