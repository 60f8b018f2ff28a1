import { strict as assert } from 'node:assert';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tracesFromJson } from '@signalbox/signals/otlp/json/traces';
import type { Clock } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { span, traces } from '../../receivers/otlp/fixture.test.js';
import { batchOf, testContext } from '../testing/context.js';
import { file } from './index.js';

describe('exporters/file', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-file-'));
    path = join(dir, 'out', 'data.jsonl');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  let nowMs = Date.parse('2026-01-02T03:04:05.678Z');
  const clock: Clock = { nowNs: () => BigInt(nowMs) * 1_000_000n, monotonicMs: () => 0 };
  const exporterWith = (settings = {}) => file.create(file.parseConfig({ path, ...settings }, detachedPlace('test')), testContext({ clock }));
  const write = (settings = {}, ...names: string[]) => exporterWith(settings).export(batchOf('default', ...names.map((name) => traces([span(1, { name })]))), AbortSignal.timeout(60_000));
  const lines = (): unknown[] => readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);
  const backups = (): string[] => readdirSync(join(dir, 'out')).filter((name) => name !== 'data.jsonl').sort();

  it('writes a request a line that reads as what it was', async () => {
    assert.deepEqual(await write({}, 'a', 'b'), { kind: 'settled', delivered: 2, duplicate: 0, retry: { items: [] }, rejected: [] });
    await write({ sync: true }, 'c');
    assert.deepEqual(lines().map((line) => tracesFromJson(line)), ['a', 'b', 'c'].map((name) => traces([span(1, { name })])));
  });

  it('cuts off a line that a crash left unfinished, however long', async () => {
    await write({}, 'a');
    appendFileSync(path, `{"resource${'x'.repeat(200_000)}`);
    await write({}, 'b');
    assert.equal(lines().length, 2);
    writeFileSync(path, 'no line at all');
    await write({}, 'c');
    assert.equal(lines().length, 1);
  });

  it('sets full files aside and keeps so many of them', async () => {
    for (let i = 0; i < 5; i++) await write({ rotation: { max_megabytes: 0.001, max_backups: 3 } }, ...Array.from({ length: 10 }, () => `batch ${i}`));
    assert.deepEqual(backups(), ['data-2026-01-02T03-04-05.680.jsonl', 'data-2026-01-02T03-04-05.681.jsonl', 'data-2026-01-02T03-04-05.682.jsonl']);
    assert.match(readFileSync(join(dir, 'out', backups()[2] ?? ''), 'utf8'), /batch 4/);
  });

  it('removes those that are too old, and nothing else', async () => {
    writeFileSync(join(dir, 'mine'), 'x');
    const settings = { rotation: { max_megabytes: 0.001, max_days: 0.05 } };
    await write(settings, ...Array.from({ length: 10 }, () => 'old'));
    writeFileSync(join(dir, 'out', 'data-mine.jsonl'), 'x');
    nowMs += 2 * 3_600_000;
    await write(settings, ...Array.from({ length: 10 }, () => 'new'));
    assert.deepEqual(backups(), ['data-2026-01-02T05-04-05.678.jsonl', 'data-mine.jsonl']);
  });

  it('says which folder cannot be made, where the system lets nothing be made', async function () {
    if (!existsSync('/proc/self')) this.skip();
    const refused = await write({ path: '/proc/signalbox/out/data.jsonl' }, 'a');
    assert.match(refused.kind === 'retryable' ? refused.reason : '', /'\/proc\/signalbox'/);
  });

  it('keeps for later what the disk refuses', async function () {
    const blocked = await write({ path: join(dir, 'mine', 'x', 'y') }, 'a').then(async () => {
      writeFileSync(join(dir, 'plain'), '');
      return write({ path: join(dir, 'plain', 'data') }, 'a');
    });
    assert.equal(blocked.kind, 'retryable');
    assert.match(blocked.reason, /plain.*(ENOTDIR|EEXIST)/);
    if (process.getuid?.() === 0) return;
    await write({}, 'a');
    chmodSync(path, 0o400);
    const refused = await write({}, 'b');
    assert.match(refused.kind === 'retryable' ? refused.reason : '', /EACCES/);
  });
});
