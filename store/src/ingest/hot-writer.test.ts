import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '@signalbox/journal/frame';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { Database } from '../duckdb/database.js';
import { Catalog } from '../files/catalog.js';
import { EMPTY_MANIFEST } from '../files/manifest.js';
import { KINDS, pathsOf } from '../files/stored-file.js';
import { IndexCache } from '../index/index-cache.js';
import { readTraces } from '../read/trace.js';
import { storeSettings } from '../settings.js';
import { context, KeptLog, span, traces } from '../store-fixture.test.js';
import { Flusher } from './flush.js';
import { HotWriter } from './hot-writer.js';
import { Tail, type TailSource } from './tail.js';

const TRACE = span().traceId;

function frame(position: number, count: number, fields: Partial<Frame> = {}): Frame {
  const payload = Buffer.from(encodeTraces(traces('s', Array.from({ length: count }, () => span()))));
  return { signal: 'traces', encoding: 'otlp', tenant: 'default', items: count, rejected: [], receivedNs: 5n, batchId: '', origin: '', position, next: position + 100, payloadBytes: payload.length, payload, ...fields };
}

describe('HotWriter', () => {
  let dir: string;
  let database: Database;
  let catalog: Catalog;
  let writer: HotWriter;
  let log: KeptLog;
  const problems: unknown[] = [];
  const commits: { position: number; delivered: number | undefined; dropped: unknown }[] = [];
  let failCommits = 0;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-writer-'));
    for (const kind of KINDS) await mkdir(join(dir, kind));
    const settings = storeSettings({ flush: { rows: 1_000_000 } });
    database = await Database.open(dir, join(dir, 'tmp'), settings.duckdb);
    catalog = new Catalog(dir, EMPTY_MANIFEST, { deleting: () => undefined, failed: () => undefined });
    problems.length = commits.length = failCommits = 0;
    log = new KeptLog();
    const flusher = new Flusher({
      dir, database, catalog, journalId: 'j',
      committed: async (position, changes) => {
        if (failCommits-- > 0) throw new Error('cursor failed');
        commits.push({ position, delivered: changes[0]?.delivered, dropped: changes[0]?.dropped });
        return true;
      },
      onProblem: (error) => problems.push(error),
    });
    writer = await HotWriter.open({ database, catalog, flusher, settings, ledgerPosition: 0, nowMs: () => Date.now() });
  });
  afterEach(async () => {
    await writer.close(120_000);
    await catalog.settle();
    await database.close();
    await rm(dir, { recursive: true });
  });

  const stored = async (): Promise<number> => {
    const indexes = new IndexCache(dir);
    const found = (await readTraces({ dir, database, catalog, indexes, settings: storeSettings(), logger: log }, context(), [TRACE])).get(TRACE) ?? [];
    await indexes.close();
    return found.length;
  };

  it('reads a frame again as a whole when the table failed under it', async () => {
    const frames = [frame(0, 3), frame(100, 4)];
    let reads = 0;
    const source: TailSource = {
      durable: () => 200,
      read: async (from) => {
        reads++;
        return { frames: frames.filter((f) => f.position >= from), next: 200, evicted: [] };
      },
      wait: (_after, signal, timeoutMs) => new Promise((resolve) => { const timer = setTimeout(resolve, timeoutMs); signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }); }),
    };
    await database.define('DROP TABLE spans_1');
    const tail = new Tail({ source, writer, from: 0, wants: () => true, readBytes: 1000, logger: log, metrics: null });
    assert.equal(await tail.reach(200, new AbortController().signal, 120_000), true);
    assert.ok(reads >= 2);
    assert.ok(log.lines.some((line) => line.level === 'error'));
    assert.equal(await stored(), 7);
    await tail.stop();
    assert.deepEqual(commits, []);
    await writer.close(120_000);
    assert.deepEqual(commits, [{ position: 200, delivered: 7, dropped: {} }]);
  });

  it('goes on where a failed flush stopped', async () => {
    writer.append(frame(0, 5));
    writer.show(100);
    await mkdir(pathsOf(dir, { kind: 'spans', number: 1 }).data); // in the way
    failCommits = 1;
    await writer.rotate();
    writer.append(frame(100, 2));
    writer.show(200);
    assert.equal(await stored(), 7, 'while the flush fails');
    await writer.flushed();
    assert.equal(problems.length, 2);
    assert.equal(await stored(), 7);
    assert.deepEqual(catalog.manifest.files.map((file) => [file.number, file.rows]), [[2, 5]]);
    assert.deepEqual(commits, [{ position: 100, delivered: 5, dropped: {} }]);
  });

  it('counts what cannot be decoded, and what the header promised in vain', async () => {
    assert.equal(writer.append(frame(0, 5, { payload: Buffer.from('ff', 'hex') })).delivered, 0);
    writer.append(frame(100, 2, { items: 3 }));
    writer.append(frame(200, 3, { rejected: [1], items: 3 }));
    writer.show(300);
    assert.equal(await stored(), 4);
    await writer.close(120_000);
    assert.deepEqual(commits, [{ position: 300, delivered: 4, dropped: { undecodable: 6 } }]);
  });
});
