import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startAppliance, type RunningAppliance } from '../../harness/appliance.js';
import { serverDir } from '../../servers/cache.js';
import { findRecipe } from '../../servers/recipes.js';
import { requireOwnServer } from '../../servers/require-server.js';

const run = promisify(execFile);
const LINES = ['card declined', 'all fine', 'card taken'] as const;

describe('integration: logcli → our Loki API', function () {
  this.timeout(240_000);
  let appliance: RunningAppliance;
  before(async function () {
    requireOwnServer(this, 'loki');
    appliance = await startAppliance();
    const nowMs = Date.now();
    const logRecords = LINES.map((line, i) => ({ timeUnixNano: `${nowMs - 1000 + i}000000`, severityNumber: 9, severityText: 'INFO', traceId: '0af7651916cd43dd8448eb211c80319c', body: { stringValue: line } }));
    const body = JSON.stringify({ resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }, scopeLogs: [{ logRecords }] }] });
    assert.equal((await fetch(`${appliance.http}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status, 200);
  });
  after(() => appliance?.stop());

  /** What it prints; it puts the paths itself behind the address that it is given. */
  const logcli = async (...args: string[]): Promise<string> => (await run(join(serverDir(findRecipe('loki')), 'logcli'), ['--quiet', `--addr=${appliance.url}`, ...args])).stdout;
  const linesOf = (output: string): string[] => output.trim().split('\n').map((text) => (JSON.parse(text) as { readonly line: string }).line);

  it('finds lines, newest first and the other way, by stream, text and structured metadata', async () => {
    assert.deepEqual(linesOf(await logcli('query', '--output=jsonl', '{service_name="shop"}')), LINES.toReversed());
    assert.deepEqual(linesOf(await logcli('query', '--output=jsonl', '--forward', '{service_name="shop"} |= "card"')), ['card declined', 'card taken']);
    assert.deepEqual(linesOf(await logcli('query', '--output=jsonl', '--limit=1', '{service_name="shop"} | trace_id="0af7651916cd43dd8448eb211c80319c" !~ "taken|fine"')), ['card declined']);
  });

  it('asks for more in batches, until it has all', async () => {
    assert.deepEqual(linesOf(await logcli('query', '--output=jsonl', '--batch=2', '--limit=10', '{service_name="shop"}')), LINES.toReversed());
  });

  it('lists labels, their values and series', async () => {
    assert.equal(await logcli('labels'), 'service_name\nseverity\n');
    assert.equal(await logcli('labels', 'service_name'), 'shop\n');
    assert.equal(await logcli('series', '{service_name="shop"}'), '{service_name="shop", severity="info"}\n');
  });

  it('says in our words what is refused', async () => {
    await assert.rejects(logcli('query', '{service_name="shop"'), /parse error/);
    await assert.rejects(logcli('query', '{service_name="shop"} | json'), /\| json is not supported yet/);
    await assert.rejects(logcli('stats', '{service_name="shop"}'), /index\/stats is not supported yet/);
  });
});
