import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Signal } from '@signalbox/signals/model/signal';
import { startAppliance, type RunningAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';
import { requireOwnServer } from '../servers/require-server.js';
import { destinationsIn, type Destination } from './destinations.js';
import { ITEMS_PER_REQUEST, MarkedClient, noMarks, startMarkedLoad } from './marked-load.js';
import { rolePid } from './roles.js';

const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics'];
const NAMES = ['prometheusremotewrite', 'loki', 'elasticsearch', 'kafka'] as const;
const DELIVERY = 'timeout: 2s, retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }, circuit_breaker: { min_open: 100ms, max_open: 500ms }, batch: { max_wait: 20ms }';
const HOUR_MS = 3_600_000;
const ROUNDS_PER_HOUR = 60;
const DISTURBANCES = 24;
const LEAST_ACKNOWLEDGED = 500;
const LEAST_KILLED = 10;
/** As many as that takes, up to this. */
const MOST_DISTURBANCES = 300;

interface Row {
  readonly reader: string;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Record<string, number>;
  readonly redelivered: number;
  readonly outcomeUnknown: number;
  readonly balanced: boolean;
}

describe('faults: Prometheus, Loki, Elasticsearch and Kafka fail, and so do the roles', function () {
  this.timeout(600_000);
  const marks = noMarks();
  let dir: string;
  let destinations: readonly Destination[] = [];
  let appliance: RunningAppliance | undefined;
  let hours = 0;
  let began: number;

  before(async function () {
    for (const name of ['prometheus', 'loki', 'elasticsearch', 'kafka']) requireOwnServer(this, name);
    dir = mkdtempSync(join(tmpdir(), 'signalbox-destinations-'));
    destinations = destinationsIn(dir);
    assert.deepEqual(destinations.map(({ name }) => name), NAMES);
    await Promise.all(destinations.map((each) => each.start()));
    const to = (signal: Signal): string => destinations.filter(({ signals }) => signals.includes(signal)).map(({ name }) => name).join(', ');
    appliance = await startAppliance({
      rest: () => `exporters: { ${destinations.map((each) => `${each.name}: ${each.section(DELIVERY)}`).join(', ')} }
service: { pipelines: { ${SIGNALS.map((signal) => `${signal}: { receivers: [otlp], exporters: [${to(signal)}] }`).join(', ')} } }
`,
    });
    began = Date.now() - (NAMES.length + 1) * HOUR_MS;
  });
  after(async () => {
    await appliance?.stop();
    await Promise.all(destinations.map((each) => each.stop()));
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  });

  const named = (name: string): Destination => destinations.find((each) => each.name === name)!;

  async function rows(): Promise<readonly Row[]> {
    const response = await fetch(`${appliance?.url}/api/v1/ledger`);
    const { rows: all } = (await response.json()) as { rows: Row[] };
    assert.deepEqual(all.filter(({ balanced }) => !balanced), [], 'the ledger balances');
    return all;
  }

  async function runs(role: string, pid: number): Promise<boolean> {
    const { roles } = (await (await fetch(`${appliance?.url}/api/v1/status`)).json()) as { roles: readonly { readonly name: string; readonly state: string; readonly pid: number | null }[] };
    return roles.some((one) => one.name === role && one.pid === pid && one.state === 'running');
  }

  /** Nothing waits for these readers, and nothing that was to be there is missing. */
  async function settled(readers: readonly string[], withinMs = 240_000): Promise<readonly Row[]> {
    return eventually(async () => {
      const all = (await rows()).filter(({ reader }) => readers.includes(reader));
      assert.deepEqual(all.filter(({ queued }) => queued > 0).map(({ reader, queued }) => `${reader}: ${queued} queued`), []);
      assert.equal(all.length, readers.length, `rows of ${all.map(({ reader }) => reader).join(', ')}`);
      return all;
    }, withinMs);
  }

  /** Everything acknowledged is there: once, or (Kafka) as often as the ledger says at most. */
  async function holdsAll(destination: Destination): Promise<void> {
    const ledger = await rows();
    for (const signal of destination.signals) {
      const { redelivered, dropped } = ledger.find(({ reader }) => reader === `${signal}→${destination.name}`)!;
      assert.deepEqual(dropped, {}, `${signal}→${destination.name} dropped nothing`);
      await eventually(async () => {
        const found = await destination.found(signal);
        const missing = [...marks[signal]].filter((mark) => !found.has(mark));
        assert.deepEqual(missing.slice(0, 5), [], `${missing.length} of ${marks[signal].size} ${signal} are not in ${destination.name}`);
        const more = [...found.values()].reduce((sum, count) => sum + count - 1, 0);
        assert.ok(more <= (destination.name === 'kafka' ? redelivered : 0), `${more} ${signal} are more than once in ${destination.name}; ${redelivered} were delivered again`);
      }, 60_000);
    }
  }

  for (const name of NAMES) {
    it(`keeps an hour for ${name}, which is killed under load, and brings all of it once it is started again`, async () => {
      const away = named(name);
      const others = destinations.filter((each) => each !== away).flatMap(({ readers }) => readers);
      const client = new MarkedClient(appliance!.http, marks, `hour-${name}`);
      const startMs = began + hours++ * HOUR_MS;
      for (let round = 0; round < ROUNDS_PER_HOUR; round++) {
        if (round === 5) await away.kill();
        await client.round(startMs + (round * HOUR_MS) / ROUNDS_PER_HOUR);
      }
      assert.equal(client.failures, 0, 'who sends notices nothing');
      // While it is away: nothing but healthy destinations can make this come true.
      await settled(others);
      for (const row of (await rows()).filter(({ reader }) => away.readers.includes(reader))) {
        assert.ok(row.queued >= (ROUNDS_PER_HOUR - 10) * ITEMS_PER_REQUEST, `${row.queued} wait for ${row.reader}`);
      }
      await away.start();
      await settled(away.readers);
      await holdsAll(away);
    });
  }

  it('loses nothing when the roles are killed while the network to every destination is bad', async () => {
    const before = marks.logs.size;
    let killed = 0;
    const enough = (): boolean => marks.logs.size - before > LEAST_ACKNOWLEDGED && killed >= LEAST_KILLED;
    const load = startMarkedLoad(appliance!.http, marks, 3);
    try {
      for (let turn = 0; turn < DISTURBANCES || (turn < MOST_DISTURBANCES && !enough()); turn++) {
        destinations.forEach((each, i) => each.disturb(turn + 2 * i));
        await sleep(300 + Math.random() * 700);
        const role = turn % 8 === 4 ? 'receive' : 'deliver';
        const pid = rolePid(appliance!.pid, role);
        // One that is starting has nothing under way yet.
        if (pid === null || !(await runs(role, pid))) continue;
        process.kill(pid, 'SIGKILL');
        killed++;
      }
    } finally {
      for (const each of destinations) each.heal();
      await load.stop();
    }
    assert.ok(enough(), `${marks.logs.size - before} lines and ${killed} roles killed are too few to prove anything`);
    const all = await settled(destinations.flatMap(({ readers }) => readers));
    assert.ok(all.some(({ outcomeUnknown }) => outcomeUnknown > 0), 'some attempt was cut off');
    for (const each of destinations) await holdsAll(each);
  });
});
