import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAIN, signalbox, startAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';
import { freePort } from '../servers/free-port.js';

describe('the command line', function () {
  this.timeout(240_000);

  const mistakes: readonly [what: string, args: readonly string[], says: RegExp][] = [
    ['a command that there is not, with the one that was meant', ['strat'], /unknown command 'strat'\n\(Did you mean start\?\)/],
    ['a command that is like none', ['completely-different'], /unknown command 'completely-different'\n\(signalbox --help/],
    ['a command that help is asked for', ['help', 'tokn'], /unknown command 'tokn'\n\(Did you mean token\?\)/],
    ['the command whose help shows how', ['token', 'create', '--scop', 'read'], /Did you mean --scope\?\)\n\(signalbox token create --help shows how\)/],
    ['an option with the one that was meant', ['start', '--confg', 'x'], /unknown option '--confg'\n\(Did you mean --config\?\)/],
    ['an address without a scheme', ['verify', '--url', 'localhost:4319'], /--url <url>.*'localhost:4319' is invalid.*such as http:\/\/127\.0\.0\.1:4319/],
    ['an address that is none', ['sampling', 'explain', 'ab', '--url', 'nothing'], /'nothing' is invalid/],
    ['a rate of the demo, before anything starts', ['demo', '--rate', 'many'], /--rate <n>.*'many' is invalid.*0\.1 to 100/],
    ['a rate of the demo that is too high', ['demo', '--rate', '1000'], /'1000' is invalid/],
  ];
  for (const [what, args, says] of mistakes) {
    it(`names ${what}`, async () => {
      const { code, stderr } = await signalbox(args);
      assert.equal(code, 1);
      assert.match(stderr, says);
    });
  }

  it('takes an address from the environment by the same rule', async () => {
    const { code, stderr } = await signalbox(['doctor'], { SIGNALBOX_URL: 'nothing' });
    assert.equal(code, 1);
    assert.match(stderr, /SIGNALBOX_URL/);
  });

  it('has an example in the help of every command', async () => {
    for (const command of ['', 'start', 'demo', 'verify', 'doctor', 'ledger', 'readers list', 'readers forget', 'dead-letters list', 'dead-letters show', 'dead-letters replay', 'dead-letters purge', 'elasticsearch install-templates', 'sampling explain', 'token create', 'token list', 'token revoke']) {
      const { code, stdout } = await signalbox([...command.split(' ').filter((word) => word !== ''), '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Examples?:\n(  SIGNALBOX_.*\n)?  signalbox ${command}`), command);
    }
  });

  it('numbers mistakes of a configuration below one another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-mistakes-'));
    try {
      const file = join(folder, 'two.yaml');
      writeFileSync(file, 'log: { levle: info }\nstore: { max_queries: none }\n');
      const { stderr } = await signalbox(['start', '--check', '--config', file]);
      assert.match(stderr, /^signalbox: 2 mistakes:\n {2}\S*two\.yaml:1:8 .*'level'.*\n {2}\S*two\.yaml:2:23 .*\n$/);
      writeFileSync(file, 'receivers: { otlp: }\nprocessors: { batch: }\nexporters: { stoer: }\nservice: { pipelines: { logs: { receivers: [otlp], processors: [batch], exporters: [stoer] } } }\n');
      assert.match((await signalbox(['start', '--check', '--config', file])).stderr, /^signalbox: 1 mistake, 1 warning:\n {2}warning: \S*two\.yaml:2:15 .*\n {2}\S*two\.yaml:3:14 .*'store'.*\n$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('makes, lists and revokes tokens in JSON, too', async () => {
    const data = mkdtempSync(join(tmpdir(), 'signalbox-tokens-'));
    try {
      const { id } = JSON.parse((await signalbox(['token', 'create', '--json', '--data', data])).stdout) as { id: string };
      assert.deepEqual(JSON.parse((await signalbox(['token', 'revoke', id, '--json', '--data', data])).stdout), { revoked: id });
      assert.deepEqual(JSON.parse((await signalbox(['token', 'list', '--json', '--data', data])).stdout), []);
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });

  it('names a data directory that nothing can be made in, and ends', async function () {
    if (!existsSync('/proc/self')) this.skip();
    for (const command of [['start'], ['token', 'create']]) {
      const { code, stderr } = await signalbox([...command, '--data', '/proc/signalbox/data']);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /SBX_DATA_DIRECTORY: .*\/proc\/signalbox\/data.*--data or SIGNALBOX_DATA/);
    }
  });

  it('says a remedy once for all that it mends', async () => {
    const { stdout } = await signalbox(['doctor', '--url', `http://127.0.0.1:${await freePort()}`, '--data', tmpdir()]);
    const remedies = stdout.split('\n').filter((line) => line.includes('→'));
    assert.ok(remedies.every((remedy, i) => remedy !== remedies[i - 1]), stdout);
    assert.match(stdout, /PROBLEM {2}appliance: SBX_STATUS_UNREACHABLE: nothing answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\n/);
  });

  it('ends without a word when nobody reads its output any more', async () => {
    const child = spawn(process.execPath, [MAIN, 'doctor', '--url', 'http://127.0.0.1:9', '--data', tmpdir()], { stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => { complaint += chunk.toString(); });
    child.stdout.destroy();
    assert.deepEqual(await once(child, 'exit'), [141, null]);
    assert.equal(complaint, '');
  });

  it('goes on receiving when nobody reads its log any more', async () => {
    const appliance = await startAppliance();
    interface Role { readonly state: string; readonly pid: number }
    /** Once all run that `wanted` are; who answers may be starting itself, or not know of the other yet. */
    const running = (wanted: (role: Role) => boolean): Promise<readonly Role[]> => eventually(async () => {
      const { roles } = (await (await fetch(`${appliance.url}/api/v1/status`)).json()) as { roles: readonly Role[] };
      assert.ok(roles.length === 2 && roles.every((role) => role.state === 'running' && wanted(role)), JSON.stringify(roles));
      return roles;
    });
    try {
      const before = (await running(() => true)).map(({ pid }) => pid);
      appliance.deafen();
      // Another level of the log starts every role anew, of which the launcher tells.
      writeFileSync(appliance.configFile, `${readFileSync(appliance.configFile, 'utf8')}log: { level: debug }\n`);
      process.kill(appliance.pid, 'SIGHUP');
      await running(({ pid }) => !before.includes(pid));
    } finally {
      assert.equal(await appliance.stop(), 0);
    }
  });

  it('explains samples of an appliance with its certificates, and says when nothing answers', async () => {
    const missing = await signalbox(['sampling', 'explain', 'ab', '--url', 'https://127.0.0.1:1', '--ca-file', '/nowhere/ca.pem']);
    assert.match(missing.stderr, /SBX_TLS_FILE: \/nowhere\/ca\.pem cannot be read/);
    const away = await signalbox(['sampling', 'explain', 'ab', '--url', 'http://127.0.0.1:1']);
    assert.match(away.stderr, /SBX_STATUS_UNREACHABLE/);
  });
});
