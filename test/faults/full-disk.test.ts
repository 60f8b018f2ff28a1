import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAppliance, type RunningAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';
import { requireOwnServer } from '../servers/require-server.js';
import { destinationsIn, type Destination } from './destinations.js';
import { MarkedClient, noMarks } from './marked-load.js';

const DELIVERY = 'timeout: 5s, retry_on_failure: { initial_interval: 50ms, max_interval: 300ms }, circuit_breaker: { min_open: 100ms, max_open: 300ms }, batch: { max_wait: 20ms }';
const DISK_MB = 40;
const MOST_ROUNDS = 20_000;

interface Row {
  readonly reader: string;
  readonly queued: number;
  readonly dropped: Record<string, number>;
  readonly balanced: boolean;
}

describe('faults: a disk that is full', function () {
  this.timeout(600_000);
  let dir: string;
  let disk: string | null = null;
  let appliance: RunningAppliance | undefined;
  let destinations: readonly Destination[] = [];

  before(function () {
    for (const name of ['prometheus', 'loki']) requireOwnServer(this, name);
  });
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'signalbox-full-disk-'))));
  afterEach(async () => {
    await appliance?.stop({ keep: true });
    await Promise.all(destinations.map((each) => each.stop()));
    if (disk !== null) execFileSync('umount', ['-l', disk]);
    rmSync(dir, { recursive: true, force: true });
    appliance = undefined;
    destinations = [];
    disk = null;
  });

  /** A small disk in the folder; where the right to mount is missing, the test is skipped. */
  function mount(test: Mocha.Context, name: string): string {
    const path = join(dir, name);
    mkdirSync(path, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', path], { stdio: 'ignore' });
    } catch {
      console.warn('      skipped: it needs the right to mount');
      test.skip();
    }
    disk = path;
    return path;
  }

  /** Prometheus and Loki, and the appliance before them. */
  async function start(dataDir: string): Promise<RunningAppliance> {
    destinations = destinationsIn(dir).filter(({ name }) => name === 'prometheusremotewrite' || name === 'loki');
    await Promise.all(destinations.map((each) => each.start()));
    return (appliance = await startAppliance({
      dataDir,
      rest: () => `journal: { max_bytes: 1GiB, segment_bytes: 1MiB, min_free_share: 0 }
exporters: { ${destinations.map((each) => `${each.name}: ${each.section(DELIVERY)}`).join(', ')} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [loki] }, metrics: { receivers: [otlp], exporters: [prometheusremotewrite] } } }
`,
    }));
  }

  async function rows(): Promise<readonly Row[]> {
    const { rows: all } = (await (await fetch(`${appliance?.url}/api/v1/ledger`)).json()) as { rows: Row[] };
    assert.deepEqual(all.filter(({ balanced }) => !balanced), [], 'the ledger balances');
    assert.deepEqual(all.flatMap(({ dropped }) => Object.keys(dropped)), [], 'nothing is dropped');
    return all;
  }

  async function settled(...names: readonly string[]): Promise<void> {
    await eventually(async () => {
      const waiting = (await rows()).filter(({ reader, queued }) => queued > 0 && names.some((name) => reader.endsWith(`→${name}`)));
      assert.deepEqual(waiting.map(({ reader, queued }) => `${reader}: ${queued}`), []);
    }, 180_000);
  }

  async function holdAll(marks: ReturnType<typeof noMarks>): Promise<void> {
    for (const destination of destinations) {
      const [signal] = destination.signals;
      await eventually(async () => {
        const found = await destination.found(signal!);
        const missing = [...marks[signal!]].filter((mark) => found.get(mark) !== 1);
        assert.deepEqual(missing.slice(0, 5), [], `${missing.length} of ${marks[signal!].size} ${signal} are not once in ${destination.name}`);
      }, 60_000);
    }
  }

  it('of the collector: what does not fit is refused, what was acknowledged arrives, and it goes on', async function () {
    const small = mount(this, 'disk');
    const { http } = await start(join(small, 'data'));
    const marks = noMarks();
    const client = new MarkedClient(http, marks, 'full-disk', ['logs', 'metrics']);
    await client.round();
    await settled('loki', 'prometheusremotewrite');
    // With nobody who takes anything the journal grows until the disk ends.
    for (const each of destinations) each.disturb(0);
    writeFileSync(join(small, 'ballast'), Buffer.alloc(Math.max(0, free(small) - 6 * 2 ** 20)));
    for (let round = 0; client.failures < 20; round++) {
      assert.ok(round < MOST_ROUNDS, 'the disk never ends');
      await client.round();
    }
    const refused = client.failures;
    assert.ok((await rows()).every(({ queued }) => queued > 0), 'everything waits');
    for (const each of destinations) each.heal();
    await settled('loki', 'prometheusremotewrite');
    rmSync(join(small, 'ballast'));
    await eventually(async () => {
      const before = client.failures;
      await client.round();
      assert.equal(client.failures, before, `${refused} requests were refused, and it is refused still`);
    }, 60_000);
    await settled('loki', 'prometheusremotewrite');
    await holdAll(marks);
  });

  it('of Prometheus: it refuses, Loki does not notice, and all of it arrives once there is room', async function () {
    // Loki would answer that it has taken what its full disk has not.
    const small = mount(this, 'prometheusremotewrite/tsdb');
    const { http } = await start(join(dir, 'data'));
    const marks = noMarks();
    const client = new MarkedClient(http, marks, 'full-disk', ['logs', 'metrics']);
    await client.round();
    await settled('loki', 'prometheusremotewrite');
    fill(small);
    for (let round = 0; round < 600; round++) {
      await client.round();
      if (round % 50 === 49 && (await waitingFor('prometheusremotewrite')) > 1000) break;
    }
    assert.equal(client.failures, 0);
    await settled('loki');
    assert.ok((await waitingFor('prometheusremotewrite')) > 0, 'Prometheus takes nothing any more');
    rmSync(join(small, 'ballast'));
    await settled('prometheusremotewrite');
    await holdAll(marks);
  });

  async function waitingFor(name: string): Promise<number> {
    return (await rows()).reduce((sum, { reader, queued }) => sum + (reader.endsWith(`→${name}`) ? queued : 0), 0);
  }
});

/** What else is written meanwhile leaves less room than there was: the disk is full all the same. */
function fill(path: string): void {
  try {
    writeFileSync(join(path, 'ballast'), Buffer.alloc(free(path)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function free(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
