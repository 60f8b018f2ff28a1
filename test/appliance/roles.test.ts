import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rolePid } from '../faults/roles.js';
import { startAppliance, type RunningAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';

/** The status of a request with so many log lines, the last of which is the text. */
async function send({ http }: RunningAppliance, text: string, lines = 1): Promise<number> {
  const logRecords = Array.from({ length: lines }, (_, i) => ({ timeUnixNano: `${Date.now()}000000`, body: { stringValue: i === lines - 1 ? text : `filler ${i}` } }));
  const body = JSON.stringify({ resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'roles' } }] }, scopeLogs: [{ logRecords }] }] });
  return (await fetch(`${http}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
}

async function ask({ url }: RunningAppliance, text: string): Promise<Response> {
  return fetch(`${url}/loki/api/v1/query_range?limit=5000&query=${encodeURIComponent(`{service_name="roles"} |= "${text}"`)}`);
}

/** How many lines with the text are found. */
async function found(appliance: RunningAppliance, text: string): Promise<number> {
  const { data } = (await (await ask(appliance, text)).json()) as { readonly data: { readonly result: readonly { readonly values: readonly unknown[] }[] } };
  return data.result.reduce((sum, { values }) => sum + values.length, 0);
}

describe('roles', function () {
  this.timeout(240_000);
  const running: RunningAppliance[] = [];
  const start = async (options: Parameters<typeof startAppliance>[0]): Promise<RunningAppliance> => {
    const appliance = await startAppliance(options);
    running.push(appliance);
    return appliance;
  };
  afterEach(async () => {
    for (const appliance of running.splice(0).reverse()) await appliance.stop();
  });

  it('receive while the store hangs and while it is dead, and the store has all of it afterwards', async () => {
    const appliance = await start({});
    const text = randomUUID();
    const receive = rolePid(appliance.pid, 'receive');
    const hanging = rolePid(appliance.pid, 'serve')!;
    process.kill(hanging, 'SIGSTOP');
    for (let i = 0; i < 20; i++) assert.equal(await send(appliance, text), 200, 'acknowledged while the store hangs');
    process.kill(hanging, 'SIGKILL');
    let sent = 20;
    // At least until another one has begun to load what it takes up.
    do {
      assert.equal(await send(appliance, text), 200, 'acknowledged while the store is dead');
      sent++;
      await sleep(20);
    } while (sent < 40 || [null, hanging].includes(rolePid(appliance.pid, 'serve')));
    await eventually(async () => assert.equal(await found(appliance, text), sent), 120_000);
    assert.equal(rolePid(appliance.pid, 'receive'), receive, 'who receives was not started again');
  });

  it('have threads enough that queries do not keep the journal waiting, unless they are told otherwise', async () => {
    for (const [env, threads] of [[{ UV_THREADPOOL_SIZE: undefined }, '16'], [{ UV_THREADPOOL_SIZE: '12' }, '12']] as const) {
      const appliance = await start({ env });
      for (const role of ['receive', 'serve']) assert.ok(readFileSync(`/proc/${rolePid(appliance.pid, role)}/environ`, 'utf8').split('\0').includes(`UV_THREADPOOL_SIZE=${threads}`), role);
    }
  });

  it('run alone, at the same time and one after the other, and meet in the data directory', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-roles-'));
    const receive = await start({ dataDir, roles: ['receive'] });
    const [before, meanwhile] = [randomUUID(), randomUUID()];
    assert.equal(await send(receive, before), 200);
    await assert.rejects(ask(receive, before), 'nobody serves');
    const serve = await start({ dataDir, roles: ['serve'] });
    assert.equal(await found(serve, before), 1);
    assert.equal(await send(receive, meanwhile), 200);
    assert.equal(await found(serve, meanwhile), 1);
    await assert.rejects(send(serve, 'nobody receives'));
    await receive.stop({ keep: true });
    assert.equal(await found(serve, meanwhile), 1);
  });

  it('answer at the time that they are given, and say how much of the journal is not in the answer', async () => {
    const appliance = await start({ env: { SIGNALBOX_QUERY_CATCH_UP: '0ms' } });
    const behind = await eventually(async () => {
      const text = randomUUID();
      assert.equal(await send(appliance, text, 2000), 200);
      const answer = (await ask(appliance, text)).headers.get('x-signalbox-behind-bytes');
      assert.ok(answer !== null, 'the store had read all of it');
      return Number(answer);
    }, 120_000);
    assert.ok(behind > 0, String(behind));
    const text = randomUUID();
    assert.equal(await send(appliance, text), 200);
    await eventually(async () => {
      const answer = await ask(appliance, text);
      assert.equal(answer.headers.get('x-signalbox-behind-bytes'), null);
      assert.ok((await answer.text()).includes(text));
    }, 120_000);
  });
});
