import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import type { MetricsData, NumberDataPoint } from '@signalbox/signals/model/metric';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { scanRequest } from '@signalbox/signals/otlp/scan';
import { SecretKeys } from '@signalbox/signals/otlp/scan/secret-keys';
import { ConfigError } from '../../config/error.js';
import { detachedPlace, pathText, warningPlace } from '../../config/place.js';
import type { IntakeRequest } from '../../component.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { Host } from './host.js';
import { hostmetrics } from './index.js';
import { HOST_METRICS } from './metric-names.js';
import { parseStat } from './scrapers/cpu.js';
import { parseMounts, storageMounts } from './scrapers/filesystem.js';
import { parseNetDev } from './scrapers/network.js';
import { parseProcessStat } from './scrapers/processes.js';

/** Texts as a kernel 5.10 writes them, shortened. */
const PROC: Readonly<Record<string, string>> = {
  stat: 'cpu  30 3 12 500 7 0 2 1 10 1\ncpu0 20 2 8 300 5 0 1 1 10 1\ncpu1 10 1 4 200 2 0 1 0 0 0\nintr 1 2 3\nctxt 990\nbtime 1700000000\nprocesses 4321\nprocs_running 1\n',
  loadavg: '0.52 0.58 1.59 2/467 12345\n',
  meminfo: 'MemTotal:        1000 kB\nMemFree:          200 kB\nMemAvailable:     600 kB\nBuffers:           50 kB\nCached:           300 kB\nSReclaimable:      40 kB\nSUnreclaim:        10 kB\nSwapTotal:        100 kB\nSwapFree:          75 kB\nHugePages_Total:       0\n',
  vmstat: 'pgfault 1000\npgmajfault 10\npswpin 3\npswpout 4\n',
  diskstats: '   8       0 sda 100 5 2048 300 50 6 1024 400 2 500 700 0 0 0 0 3 9\n   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n   8       1 sda1 1 2 3 4\n',
  'self/mounts': 'x', '1/mounts': '/dev/sda1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n/dev/sda1 /again ext4 ro 0 0\n',
  '1/net/dev': 'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0\n  eth0:5000 50 1 2 0 0 0 0 6000 60 3 4 0 0 0 0\n',
  '1/net/snmp': 'Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm ActiveOpens PassiveOpens InSegs OutSegs RetransSegs InErrs OutRsts\nTcp: 1 11 22 333 444 55 0 6\n',
  '1/net/netstat': 'TcpExt: SyncookiesSent ListenOverflows TCPTimeouts\nTcpExt: 0 7 8\n',
  '1/net/tcp': '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0\n   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0\n',
  '1/net/tcp6': '  sl  local_address                         remote_address                        st\n   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 06 0\n',
  'pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n',
  'pressure/io': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=4000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n',
  '42/stat': '42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 5 0 250 50 0 0 20 0 7 0 1000 8192000 300 18446744073709551615 1 1 0 0\n',
  '42/io': 'rchar: 1\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n',
  '43/stat': '43 (gone) Z 1 43 43 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 2000 0 0 18446744073709551615 0 0 0 0\n',
};

async function collect(config: Record<string, unknown>): Promise<{ data: MetricsData; request: IntakeRequest; lines: readonly string[] }> {
  const lines: string[] = [];
  let got: (request: IntakeRequest) => void = () => undefined;
  const first = new Promise<IntakeRequest>((resolve) => (got = resolve));
  const parsed = hostmetrics.parseConfig({ initial_delay: '0s', collection_interval: '1h', ...config }, detachedPlace('(test)'));
  const receiver = hostmetrics.create(parsed, {
    id: 'hostmetrics', logger: createLogger({ stream: { write: (line) => void lines.push(line) } }), clock: systemClock(), metrics: createMetrics(), dataDir: '', journalId: '',
    intake: { accept: async (request) => got(request), reserve: () => () => undefined, take: () => true, give: () => undefined, retryAfterMs: 1 },
    mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'default' }) }, signals: ['metrics'],
  });
  await receiver.start();
  try {
    const request = await first;
    return { request, data: decodeMetrics(request.payload), lines };
  } finally {
    await receiver.shutdown();
  }
}

/** `name{label=value,…}` → value, of the first resource. */
function valuesOf(data: MetricsData, resource = 0): Map<string, number> {
  const values = new Map<string, number>();
  for (const metric of data.resourceMetrics[resource]!.scopeMetrics[0]!.metrics) {
    assert.ok(metric.values.type === 'gauge' || metric.values.type === 'sum');
    for (const point of metric.values.dataPoints as readonly NumberDataPoint[]) values.set(`${metric.name}{${point.attributes.map(({ key, value }) => `${key.split('.').at(-1)}=${String(value as string)}`).join(',')}}`, Number(point.value));
  }
  return values;
}

describe('receivers/hostmetrics', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'signalbox-host-'));
    for (const [path, text] of Object.entries(PROC)) {
      await mkdir(dirname(join(root, 'proc', path)), { recursive: true });
      await writeFile(join(root, 'proc', path), text);
    }
    await mkdir(join(root, 'etc'));
    await writeFile(join(root, 'etc/hostname'), 'the-host\n');
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('reads a host below another root', async () => {
    const { data, request, lines } = await collect({ root_path: root, resource: { zone: 'a' } });
    const values = valuesOf(data);
    const expected: Readonly<Record<string, number>> = {
      'system.cpu.time{logical_number=0,mode=user}': 0.1, 'system.cpu.time{logical_number=0,mode=nice}': 0.01, 'system.cpu.time{logical_number=1,mode=idle}': 2, 'system.cpu.logical.count{}': 2,
      'system.cpu.load_average.15m{}': 1.59,
      'system.memory.usage{state=used}': 410 * 1024, 'system.memory.utilization{state=free}': 0.2, 'system.linux.memory.available{}': 600 * 1024, 'system.paging.usage{state=used}': 25 * 1024, 'system.paging.faults{type=minor}': 990,
      'system.disk.io{device=sda,direction=read}': 2048 * 512, 'system.disk.weighted_io_time{device=sda}': 0.7, 'system.disk.io_time{device=sda}': 0.5, 'system.disk.pending_operations{device=sda}': 2, 'system.disk.operation_time{device=sda,direction=write}': 0.4,
      'system.network.io{name=eth0,direction=transmit}': 6000, 'system.network.packet.dropped{name=eth0,direction=receive}': 2,
      'system.network.tcp.retransmits{}': 55, 'system.network.tcp.listen_overflows{}': 7, 'system.network.connection.count{transport=tcp,state=listen}': 1, 'system.network.connection.count{transport=tcp,state=time_wait}': 1, 'system.network.connection.count{transport=tcp,state=close_wait}': 0,
      'system.linux.pressure.stall_time{resource=cpu,kind=some}': 2.5, 'system.linux.pressure.stall_time{resource=io,kind=full}': 1,
      'system.process.count{status=sleeping}': 1, 'system.process.count{status=zombies}': 1, 'system.process.created{}': 4321,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name);
    assert.ok(![...values.keys()].some((name) => name.includes('loop0') || name.includes('sda1}')));
    assert.equal([...values.keys()].filter((name) => name.startsWith('system.filesystem.limit')).length, 1);
    assert.deepEqual(data.resourceMetrics[0]!.resource!.attributes.map(({ key, value }) => [key, value]), [['host.name', 'the-host'], ['os.type', 'linux'], ['zone', 'a'], ['service.instance.id', 'the-host']]);
    const cpu = data.resourceMetrics[0]!.scopeMetrics[0]!.metrics.find(({ name }) => name === 'system.cpu.time')!;
    assert.ok(cpu.values.type === 'sum' && cpu.values.monotonic && cpu.values.temporality === 2 && cpu.values.dataPoints[0]!.startNs === 1_700_000_000_000_000_000n);
    assert.equal(scanRequest('metrics', Buffer.from(request.payload), { secrets: new SecretKeys() }).items, request.items);
    assert.deepEqual(lines, []);
  });

  it('reads single processes when asked, those that are named', async () => {
    const { data } = await collect({ root_path: root, scrapers: { process: { include: { names: ['^a '], match_type: 'regexp' } } } });
    assert.equal(data.resourceMetrics.length, 1);
    const values = valuesOf(data);
    assert.deepEqual(data.resourceMetrics[0]!.resource!.attributes.slice(2).map(({ value }) => value), ['the-host:42', 42n, 1n, 'a (b) c']);
    assert.equal(values.get('process.cpu.time{mode=user}'), 2.5);
    assert.equal(values.get('process.disk.io{direction=write}'), 8192);
    assert.equal(values.get('process.memory.usage{}'), 300 * 4096);
  });

  it('reads the machine that it runs on', async () => {
    const { data, lines } = await collect({ scrapers: { cpu: {}, load: {}, memory: {}, paging: {}, disk: {}, filesystem: {}, network: {}, tcp: {}, pressure: {}, processes: {}, process: { include: { names: ['node'] } } } });
    const names = new Set([...valuesOf(data).keys()].map((name) => name.split('{')[0]));
    for (const name of ['system.cpu.time', 'system.cpu.load_average.1m', 'system.memory.usage', 'system.filesystem.usage', 'system.network.io', 'system.network.connection.count', 'system.process.count']) assert.ok(names.has(name), name);
    for (const [name, value] of valuesOf(data)) assert.ok(value >= 0, name);
    assert.deepEqual(lines, []);
  });

  it('keeps the series of processes and hosts apart in Prometheus', async () => {
    const { data } = await collect({ root_path: root, scrapers: { load: {}, process: {} } });
    const { samples } = toPrometheus(data);
    const names = samples.map(({ labels }) => JSON.stringify(labels));
    assert.ok(samples.some(({ labels }) => labels.some(([name, value]) => name === 'instance' && value === 'the-host:42')));
    assert.equal(new Set(names).size, names.length);
    const other = await collect({ root_path: root, scrapers: { load: {} }, resource: { 'service.instance.id': 'other' } });
    assert.deepEqual(other.data.resourceMetrics[0]!.resource!.attributes.filter(({ key }) => key === 'service.instance.id').map(({ value }) => value), ['other']);
  });

  it('adds and leaves out metrics by name, and takes file systems by device and type', async () => {
    const off = { enabled: false };
    const { data } = await collect({ root_path: root, scrapers: { cpu: { metrics: { 'system.cpu.time': off } }, load: { cpu_average: true }, system: {}, memory: { metrics: { 'system.memory.limit': off } }, process: { metrics: { 'process.cpu.time': off } } } });
    const values = valuesOf(data);
    assert.equal(values.get('system.cpu.load_average.15m{}'), 1.59 / 2);
    assert.ok((values.get('system.uptime{}') ?? 0) > 1e7);
    assert.ok(values.has('system.cpu.logical.count{}') && values.has('system.memory.usage{state=used}'));
    const names = data.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics[0]!.metrics.map(({ name }) => name));
    for (const name of ['system.cpu.time', 'system.memory.limit', 'process.cpu.time', 'system.cpu.utilization']) assert.ok(!names.includes(name), name);
    assert.ok(names.includes('process.memory.usage'));

    const filesystems = async (filesystem: Record<string, unknown>): Promise<number> => [...valuesOf((await collect({ root_path: root, scrapers: { load: {}, filesystem } })).data).keys()].filter((name) => name.startsWith('system.filesystem.limit')).length;
    assert.equal(await filesystems({ include_devices: { devices: ['^/dev/sd'], match_type: 'regexp' }, include_fs_types: { fs_types: ['ext4'] } }), 1);
    assert.equal(await filesystems({ exclude_devices: { devices: ['/dev/sda1'] } }), 0);
    assert.equal(await filesystems({ include_fs_types: { fs_types: ['xfs'] } }), 0);
  });

  it('tells shares of processor time since the reading before, where that is asked for', async () => {
    const host = new Host(root, { cpu: { metrics: { 'system.cpu.utilization': { enabled: true } } } });
    assert.ok(!(await host.read(1n)).metrics.some(({ name }) => name === 'system.cpu.utilization'), 'there is nothing to compare with');
    await writeFile(join(root, 'proc/stat'), PROC['stat']!.replace('cpu1 10 1 4 200 ', 'cpu1 40 1 4 210 '));
    try {
      const metric = (await host.read(2n)).metrics.find(({ name }) => name === 'system.cpu.utilization');
      assert.ok(metric?.values.type === 'gauge');
      const shares = Object.fromEntries(metric.values.dataPoints.map(({ attributes, value }) => [attributes.map((each) => String(each.value as string)).join(' '), value]));
      assert.deepEqual([shares['1 user'], shares['1 idle'], shares['1 system'], shares['0 user']], [0.75, 0.25, 0, undefined]);
    } finally {
      await writeFile(join(root, 'proc/stat'), PROC['stat']!);
    }
  });

  it('has the metrics that it lists, and warns of names that it has not', async () => {
    const { data } = await collect({ scrapers: { cpu: {}, load: {}, memory: {}, paging: {}, system: {}, disk: {}, filesystem: {}, network: {}, tcp: {}, pressure: {}, processes: {}, process: { include: { names: ['node'] } } } });
    const names = new Set(data.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics[0]!.metrics.map(({ name }) => name)));
    assert.deepEqual([...names].filter((name) => !HOST_METRICS.includes(name)), []);
    const warnings: string[] = [];
    hostmetrics.parseConfig({ scrapers: { memory: { metrics: { 'system.memory.utilisation': { enabled: true } } } } }, warningPlace(detachedPlace('(test)'), (place, text) => warnings.push(`${pathText(place.path)}: ${text}`)));
    assert.deepEqual(warnings, ["scrapers.memory.metrics.system.memory.utilisation: has no effect: there is no metric 'system.memory.utilisation'; did you mean 'system.memory.utilization'?"]);
  });

  it('says what it cannot read, and goes on', async () => {
    await rm(join(root, 'proc/loadavg'));
    const { data, lines } = await collect({ root_path: root, scrapers: { load: {}, memory: {} } });
    assert.ok(valuesOf(data).has('system.memory.limit{}'));
    assert.match(lines.join(), /SBX_HOSTMETRICS_UNREADABLE/);
    await writeFile(join(root, 'proc/loadavg'), PROC['loadavg']!);
  });

  it('understands older and newer kernels', () => {
    assert.deepEqual([...parseStat('cpu  1 2 3 4\ncpu0 1 2 3 4\nbtime 5\n').cpus.values()], [[1, 2, 3, 4]]);
    assert.equal(parseNetDev('eth0:123 1 0 0 0 0 0 0 456 1 0 0 0 0 0 0\n')[0]!.transmit.bytes, 456);
    assert.equal(parseProcessStat('1 (x'), null);
    assert.deepEqual(parseMounts('/dev/x /mnt/a\\040b ext4 ro 0 0\n')[0], { device: '/dev/x', mountPoint: '/mnt/a b', type: 'ext4', mode: 'ro' });
    assert.deepEqual(storageMounts(parseMounts('overlay / overlay rw 0 0\ntmpfs /tmp tmpfs rw 0 0\nsrv:/x /n nfs4 rw 0 0\n'), false).map(({ mountPoint }) => mountPoint), ['/', '/n']);
  });

  it('names what is wrong in its configuration', () => {
    for (const [config, message] of [[{ scrapers: { cpus: {} } }, /cpus.*cpu/], [{ scrapers: {} }, /at least one/], [{ scrapers: { disk: { include: { devices: ['('], match_type: 'regexp' } } } }, /missing closing/], [{ root_path: 'x' }, /absolute/]] as const) {
      assert.throws(() => hostmetrics.parseConfig(config, detachedPlace('(test)')), (error) => error instanceof ConfigError && message.test(error.mistakes.map((mistake) => mistake.message + String(mistake.nearest)).join()));
    }
  });
});
