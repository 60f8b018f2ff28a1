import assert from 'node:assert/strict';
import { signalbox } from '../harness/appliance.js';

describe('the command line', function () {
  this.timeout(60_000);

  const mistakes: readonly [what: string, args: readonly string[], says: RegExp][] = [
    ['a command that there is not, with the one that was meant', ['strat'], /unknown command 'strat'\n\(Did you mean start\?\)/],
    ['a command that is like none', ['completely-different'], /unknown command 'completely-different'\n\(signalbox --help/],
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

  it('explains samples of an appliance with its certificates, and says when nothing answers', async () => {
    const missing = await signalbox(['sampling', 'explain', 'ab', '--url', 'https://127.0.0.1:1', '--ca-file', '/nowhere/ca.pem']);
    assert.match(missing.stderr, /SBX_TLS_FILE: \/nowhere\/ca\.pem cannot be read/);
    const away = await signalbox(['sampling', 'explain', 'ab', '--url', 'http://127.0.0.1:1']);
    assert.match(away.stderr, /SBX_STATUS_UNREACHABLE/);
  });
});
