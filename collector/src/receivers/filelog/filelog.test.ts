import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdir, open, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { bodiesOf, numbered, recordsOf, removeRoot, startTail, temporaryRoot, waitFor, waitForBodies } from './fixture.test.js';

describe('receivers/filelog', () => {
  let root: string;
  let app: string;
  beforeEach(async () => {
    root = await temporaryRoot();
    app = join(root, 'logs/app.log');
  });
  afterEach(() => removeRoot(root));
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

  it('reads what is there, what is appended, and what ends without a newline', async () => {
    await writeFile(app, text(numbered(0, 3)));
    const tail = await startTail({ root });
    await waitForBodies(root, 3);
    await appendFile(app, `${text(numbered(3, 2))}no newline`);
    const bodies = await waitForBodies(root, 6);
    assert.deepEqual(bodies, [...numbered(0, 5), 'no newline']);
    await tail.stop();
    const [record] = await recordsOf(root);
    assert.deepEqual(record!.attributes, [{ key: 'log.file.name', value: 'app.log' }]);
  });

  it('begins at the end of files that are there, and at the beginning of later ones', async () => {
    await writeFile(app, text(numbered(0, 3)));
    let tail = await startTail({ root, config: { start_at: 'end' } });
    await waitFor(() => tail.metrics.expose().includes('otelcol_fileconsumer_reading_files{receiver="filelog"} 1'));
    await appendFile(app, text(['new']));
    await writeFile(join(root, 'logs/second.log'), text(['second']));
    assert.deepEqual((await waitForBodies(root, 2)).sort(), ['new', 'second']);
    await tail.stop();
    await appendFile(app, text(['while away']));
    await writeFile(join(root, 'logs/third.log'), text(['third']));
    tail = await startTail({ root, config: { start_at: 'end' } });
    assert.deepEqual((await waitForBodies(root, 4)).sort(), ['new', 'second', 'third', 'while away']);
    await tail.stop();
  });

  it('loses and repeats nothing when files are renamed, out of the pattern too', async () => {
    await writeFile(app, text(numbered(0, 100)));
    const tail = await startTail({ root });
    await waitForBodies(root, 100);
    await appendFile(app, text(numbered(100, 50)));
    await rename(app, `${app}.1`);
    await appendFile(`${app}.1`, text(numbered(150, 50)));
    await writeFile(app, text(numbered(200, 100)));
    const bodies = await waitForBodies(root, 300);
    await tail.stop();
    assert.deepEqual([...bodies].sort(), numbered(0, 300).sort());
  });

  it('reads the end of a file that was renamed while nobody looked', async () => {
    await writeFile(app, text(numbered(0, 10)));
    let tail = await startTail({ root });
    await waitForBodies(root, 10);
    await tail.stop();
    await appendFile(app, text(numbered(10, 10)));
    await rename(app, `${app}.1`);
    await writeFile(app, text(numbered(20, 10)));
    tail = await startTail({ root });
    const bodies = await waitForBodies(root, 30);
    await tail.stop();
    assert.deepEqual([...bodies].sort(), numbered(0, 30).sort());
  });

  it('reads a file anew when it is truncated, and its copy not again', async () => {
    await writeFile(app, text(numbered(0, 100)));
    const tail = await startTail({ root });
    await waitForBodies(root, 100);
    await copyFile(app, join(root, 'logs/app.1.log'));
    await truncate(app, 0);
    await appendFile(app, text(numbered(100, 20)));
    await waitForBodies(root, 120);
    await appendFile(app, text(numbered(120, 1)));
    assert.deepEqual(await waitForBodies(root, 121), numbered(0, 121));
    await tail.stop();
  });

  it('reads a file anew that was replaced by a longer one', async () => {
    await writeFile(app, text(numbered(0, 10)));
    const tail = await startTail({ root });
    await waitForBodies(root, 10);
    await writeFile(app, text(numbered(10, 200)));
    assert.deepEqual(await waitForBodies(root, 210), numbered(0, 210));
    await tail.stop();
  });

  it('reads a file that is deleted to its end, what is written to it afterwards too', async () => {
    await writeFile(app, text(numbered(0, 10)));
    const tail = await startTail({ root });
    await waitForBodies(root, 10);
    const handle = await open(app, 'a');
    await rm(app);
    await handle.write(`${text(numbered(10, 5))}without a newline`);
    await handle.close();
    assert.deepEqual(await waitForBodies(root, 16), [...numbered(0, 15), 'without a newline']);
    await writeFile(app, text(numbered(100, 3)));
    assert.deepEqual((await waitForBodies(root, 19)).slice(16), numbered(100, 3));
    await tail.stop();
    assert.equal((await bodiesOf(root)).length, 19);
  });

  it('goes on in the compressed form of a file, and reads others whole', async () => {
    const config = { include: [join(root, 'logs/*.log'), join(root, 'logs/*.gz')], compression: 'auto' };
    await writeFile(app, text(numbered(0, 100)));
    let tail = await startTail({ root, config });
    await waitForBodies(root, 100);
    await tail.stop();
    await writeFile(`${app}.1.gz`, gzipSync(text(numbered(0, 150))));
    await rm(app);
    await writeFile(join(root, 'logs/other.gz'), gzipSync(text(numbered(1000, 10_000))));
    tail = await startTail({ root, config });
    const bodies = await waitForBodies(root, 10_150);
    await tail.stop();
    assert.deepEqual([...bodies].sort(), [...numbered(0, 150), ...numbered(1000, 10_000)].sort());
  });

  it('splits what is too long, keeps binary and NULs, and goes on behind them', async () => {
    const long = 'a'.repeat(300_000);
    await writeFile(app, Buffer.concat([Buffer.from(`${long}\nafter\n`), Buffer.from([0x66, 0xff, 0xfe, 0, 0x67, 0x0a]), Buffer.from('é'.repeat(50_000)), Buffer.from('\nlast\n')]));
    const tail = await startTail({ root, config: { max_log_size: 65_537 } });
    const bodies = (await waitForBodies(root, 10)) as string[];
    await tail.stop();
    assert.equal(bodies.slice(0, 5).join(''), long);
    assert.deepEqual(bodies.slice(5, 7), ['after', 'f\ufffd\ufffd\0g']);
    assert.equal(bodies.slice(7, 9).join(''), 'é'.repeat(50_000));
    assert.equal(bodies[9], 'last');
  });

  it('bounds memory for a line of 100 MB', async () => {
    const piece = 'b'.repeat(1 << 20);
    for (let i = 0; i < 100; i++) await appendFile(app, piece);
    await appendFile(app, '\nend\n');
    // What is only not collected yet is no memory that is held.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = (): number => {
      // Buffers are freed beside the first one, which the second one waits for.
      collect();
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    let [sizes, records, requests, most] = [0, 0, 0, 0];
    const tail = await startTail({
      root,
      appender: () => ({
        append: async (input) => {
          sizes += input.payload.length;
          records += input.items;
          if (requests++ % 8 === 0) most = Math.max(most, held() - before);
          return { position: 0, duplicate: false };
        },
      }),
    });
    await waitFor(() => records >= 101);
    assert.ok(sizes > 100 << 20);
    assert.ok(most < 64 << 20, `${most} bytes held`);
    await tail.stop();
  }).timeout(180_000);

  it('tells once of a file that cannot be read, and reads it once it can', async () => {
    await symlink(app, app);
    const tail = await startTail({ root });
    await waitFor(() => tail.lines.some((line) => line.includes('SBX_FILELOG_UNREADABLE')));
    await rm(app);
    await writeFile(app, text(['readable']));
    assert.deepEqual(await waitForBodies(root, 1), ['readable']);
    assert.equal(tail.lines.filter((line) => line.includes('SBX_FILELOG_UNREADABLE')).length, 1);
    await tail.stop();
  });

  it('passes over folders, links that lead nowhere, and empty files', async () => {
    await mkdir(join(root, 'logs/folder.log'));
    await writeFile(join(root, 'logs/empty.log'), '');
    await writeFile(app, text(['one']));
    const tail = await startTail({ root });
    await waitForBodies(root, 1);
    await writeFile(join(root, 'logs/empty.log'), text(['two']));
    assert.deepEqual(await waitForBodies(root, 2), ['one', 'two']);
    await tail.stop();
  });

  it('reads a thousand files with few of them open', async () => {
    for (let i = 0; i < 1000; i++) await writeFile(join(root, `logs/${i}.log`), text([`file ${i} begins`]));
    const tail = await startTail({ root, config: { max_concurrent_files: 16 } });
    const bodies = await waitForBodies(root, 1000);
    assert.deepEqual([...bodies].sort(), Array.from({ length: 1000 }, (_, i) => `file ${i} begins`).sort());
    await waitFor(() => {
      const open = /otelcol_fileconsumer_open_files\{receiver="filelog"\} (\d+)/.exec(tail.metrics.expose());
      return open !== null && Number(open[1]) <= 16 && Number(open[1]) > 0;
    });
    await tail.stop();
  }).timeout(180_000);

  for (const [encoding, bytes] of [['utf-16le', Buffer.from('\ufeffgrün\nzwei Ċ\n', 'utf16le')], ['utf-16be', Buffer.from('\ufeffgrün\nzwei Ċ\n', 'utf16le').swap16()], ['utf-8', Buffer.from('\ufeffgrün\nzwei Ċ\n')]] as const) {
    it(`reads ${encoding}`, async () => {
      await writeFile(app, bytes);
      const tail = await startTail({ root, config: { encoding } });
      assert.deepEqual(await waitForBodies(root, 2), ['grün', 'zwei Ċ']);
      await tail.stop();
    });
  }

  it('reads encodings of other alphabets, and names them as the Collector does', async () => {
    const TEXTS = { shift_jis: ['93fa967b', '日本'], 'Shift-JIS': ['93fa967b', '日本'], gbk: ['d6d0cec4', '中文'], GB18030: ['d6d0a2e3', '中€'], big5: ['a4a4a4e5', '中文'], 'euc-kr': ['c7d1b1b9', '한국'], 'windows-1251': ['c4e0', 'Да'], 'koi8-r': ['e4c1', 'Да'], 'windows-1252': ['80', '€'] } as const;
    const expected: string[] = [];
    for (const [i, [encoding, [hex, text]]] of Object.entries(TEXTS).entries()) {
      const path = join(root, `logs/${i}.txt`);
      await writeFile(path, Buffer.concat([Buffer.from(`${i} `), Buffer.from(hex, 'hex'), Buffer.from('\n')]));
      const tail = await startTail({ root, config: { include: [path], encoding } });
      expected.push(`${i} ${text}`);
      assert.deepEqual(await waitForBodies(root, expected.length), expected, encoding);
      await tail.stop();
    }
  });

  it('begins no file that was not changed for longer than it is told', async () => {
    await writeFile(app, text(['of today']));
    await writeFile(join(root, 'logs/old.log'), text(['of last week']));
    await utimes(join(root, 'logs/old.log'), new Date(), new Date(Date.now() - 7 * 86_400_000));
    const tail = await startTail({ root, config: { exclude_older_than: '1d' } });
    assert.deepEqual(await waitForBodies(root, 1), ['of today']);
    await appendFile(join(root, 'logs/old.log'), text(['of today, too']));
    assert.deepEqual(await waitForBodies(root, 3), ['of today', 'of last week', 'of today, too'], 'it was changed');
    await utimes(app, new Date(), new Date(Date.now() - 2 * 86_400_000));
    await appendFile(app, text(['and on']));
    await utimes(app, new Date(), new Date(Date.now() - 2 * 86_400_000));
    assert.equal((await waitForBodies(root, 4)).at(-1), 'and on', 'a file that is open is read on');
    await tail.stop();
  });

  it('reads latin1, and bytes as they are', async () => {
    await writeFile(app, Buffer.from('gr\xfcn\r\n', 'latin1'));
    let tail = await startTail({ root, config: { encoding: 'latin1' } });
    assert.deepEqual(await waitForBodies(root, 1), ['grün']);
    await tail.stop();
    await writeFile(app, Buffer.from([0xff, 0x00, 0x0a]));
    tail = await startTail({ root, config: { encoding: 'nop' } });
    assert.deepEqual((await waitForBodies(root, 2))[1], Uint8Array.of(0xff, 0));
    await tail.stop();
  });

  it('puts lines of one record together by how it begins or ends', async () => {
    await writeFile(app, '2026-01-01 first\n  at a\n  at b\n2026-01-02 second\n2026-01-03 third\n  at c');
    let tail = await startTail({ root, config: { multiline: { line_start_pattern: '^\\d{4}-' } } });
    assert.deepEqual(await waitForBodies(root, 3), ['2026-01-01 first\n  at a\n  at b', '2026-01-02 second', '2026-01-03 third\n  at c']);
    await tail.stop();
    await writeFile(join(root, 'logs/b.log'), 'one\ntwo;\nthree;\n');
    tail = await startTail({ root, config: { include: [join(root, 'logs/b.log')], multiline: { line_end_pattern: ';$', omit_pattern: true } } });
    assert.deepEqual((await waitForBodies(root, 5)).slice(3), ['one\ntwo', 'three']);
    await tail.stop();
  });

  it('overwrites secrets before they reach the disk', async () => {
    await writeFile(app, '{"msg":"in","authorization":"Bearer abc","n":1}\n');
    const tail = await startTail({ root, config: { parse: 'json' } });
    await waitForBodies(root, 1);
    await tail.stop();
    const [record] = await recordsOf(root);
    assert.deepEqual(record!.attributes.slice(0, 2), [{ key: 'authorization', value: '**********' }, { key: 'n', value: 1n }]);
  });

  it('waits while the journal refuses, and sends every line once', async () => {
    await writeFile(app, text(numbered(0, 5000)));
    let refusals = 5;
    const tail = await startTail({ root, appender: (journal) => ({ append: (input) => (refusals-- > 0 ? Promise.reject(Object.assign(new Error('full'), { code: 'SBX_JOURNAL_FULL' })) : journal.append(input)) }) });
    assert.deepEqual(await waitForBodies(root, 5000), numbered(0, 5000));
    await tail.stop();
  });

  it('keeps raw what it cannot parse, and counts it', async () => {
    await writeFile(app, '{"level":"error","msg":"ok"}\nnot json\n{"broken":\n');
    const tail = await startTail({ root, config: { parse: 'json' } });
    assert.deepEqual(await waitForBodies(root, 3), ['ok', 'not json', '{"broken":']);
    await waitFor(() => tail.metrics.expose().includes('signalbox_filelog_unparsed_records_total{receiver="filelog"} 2'));
    await tail.stop();
    const records = await recordsOf(root);
    assert.equal(records[0]!.severityNumber, 17);
    assert.deepEqual(records[1]!.attributes[0], { key: 'log.parse_error', value: 'not json' });
    assert.deepEqual(await bodiesOf(root), ['ok', 'not json', '{"broken":']);
  });
});
