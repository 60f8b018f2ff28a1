import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordsOf, removeRoot, startTail, temporaryRoot, waitFor, waitForBodies } from './fixture.test.js';

const FIRST = { type: 'recombine', combine_field: 'body', is_first_entry: 'body matches "^[A-Z]"' };

describe('receivers/filelog: operators over blocks of a file', () => {
  let root: string;
  let app: string;
  beforeEach(async () => {
    root = await temporaryRoot();
    app = join(root, 'logs/app.log');
  });
  afterEach(() => removeRoot(root));
  const config = { preserve_leading_whitespaces: true };

  it('puts lines together wherever blocks end, and counts each record once', async () => {
    const trace = (i: number): string[] => [`E${i}`, ...Array.from({ length: 40 }, (_, n) => `  at frame ${i}.${n} ${'x'.repeat(300)}`)];
    const expected = Array.from({ length: 200 }, (_, i) => trace(i).join('\n'));
    await writeFile(app, `${expected.join('\n')}\n`);
    const tail = await startTail({ root, config: { ...config, operators: [FIRST] } });
    assert.deepEqual(await waitForBodies(root, 200), expected);
    await waitFor(() => tail.metrics.expose().includes('signalbox_filelog_records_total{receiver="filelog"} 200\n'));
    await tail.stop();
  });

  it('waits for the rest of a record, and begins it again after a restart', async () => {
    await writeFile(app, 'A\n 1\nB\n 2\n');
    let tail = await startTail({ root, config: { ...config, operators: [FIRST], force_flush_period: '1h' } });
    assert.deepEqual(await waitForBodies(root, 1), ['A\n 1']);
    await tail.stop();
    await appendFile(app, ' 3\nC\n');
    tail = await startTail({ root, config: { ...config, operators: [FIRST] } });
    assert.deepEqual(await waitForBodies(root, 3), ['A\n 1', 'B\n 2\n 3', 'C']);
    await tail.stop();
  });

  it('splits what never ends, and loses nothing of it', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => ` ${i} ${'y'.repeat(200)}`);
    await writeFile(app, `A\n${lines.join('\n')}\n`);
    const tail = await startTail({ root, config: { ...config, max_log_size: '64KiB', operators: [{ ...FIRST, max_batch_size: 100_000, max_unmatched_batch_size: 0 }] } });
    await waitFor(async () => (await recordsOf(root)).reduce((sum, { body }) => sum + (body as string).split('\n').length, 0) >= 5001);
    const bodies = (await recordsOf(root)).map(({ body }) => body as string);
    assert.deepEqual(bodies.join('\n').split('\n'), ['A', ...lines]);
    assert.ok(bodies.length < 100, `${bodies.length} records`);
    await tail.stop();
  });

  it('sends what goes past a record that is held neither twice nor before it', async () => {
    await writeFile(app, 'A\n 1\n{"n":1}\n 2\n{"n":2}\n');
    const operators = [{ type: 'router', routes: [{ output: 'json', expr: 'body startsWith "{"' }], default: 'text' }, { ...FIRST, id: 'text', output: 'end' }, { type: 'json_parser', id: 'json' }, { type: 'noop', id: 'end' }];
    const tail = await startTail({ root, config: { ...config, operators } });
    await waitForBodies(root, 3);
    await appendFile(app, ' 3\n{"n":3}\nB\n');
    await waitFor(async () => (await recordsOf(root)).some(({ body }) => body === 'B'));
    const bodies = (await recordsOf(root)).map(({ body }) => body as string);
    assert.deepEqual(bodies.filter((body) => body.startsWith('{')), ['{"n":1}', '{"n":2}', '{"n":3}']);
    assert.deepEqual(bodies.filter((body) => !body.startsWith('{')).join('\n').split('\n'), ['A', ' 1', ' 2', ' 3', 'B']);
    await tail.stop();
  });

  it('gives every record what the header of its file says, after a restart too', async () => {
    const header = { pattern: '^#', metadata_operators: [{ type: 'regex_parser', if: 'body contains "="', regex: '^# (?P<key>\\w+)=(?P<value>.*)$' }, { type: 'add', if: 'attributes.key == "app"', field: 'attributes.app', value: 'EXPR(attributes.value)' }, { type: 'retain', fields: ['attributes.app'] }] };
    await writeFile(app, '# app=shop\n');
    let tail = await startTail({ root, config: { header } });
    await appendFile(app, '# more\none\n# two\n');
    assert.deepEqual(await waitForBodies(root, 2), ['one', '# two']);
    await tail.stop();
    await appendFile(app, 'three\n');
    tail = await startTail({ root, config: { header } });
    await waitForBodies(root, 3);
    await tail.stop();
    for (const { attributes } of await recordsOf(root)) assert.deepEqual(attributes, [{ key: 'log.file.name', value: 'app.log' }, { key: 'app', value: 'shop' }]);
  });
});
