import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALL_TO_STORE, startAppliance } from '../harness/appliance.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = ['signals', 'journal', 'collector', 'query', 'store', 'appliance'];
const ROLES = ['receive', 'deliver', 'serve'] as const;
/** Each is looked for, read and compiled at every start; one by one they were 770 for `receive` and 1,690 for `serve`. */
const MOST_FILES = { receive: 20, deliver: 20, serve: 40 } as const;

const timeOf = (file: string): number => statSync(join(ROOT, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The files that each process loaded, as V8 lists them when it ends, below the root of the repository. */
async function filesByRole(): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-modules-'));
  try {
    const appliance = await startAppliance({ env: { NODE_V8_COVERAGE: folder }, rest: () => ALL_TO_STORE.replace('store: {}', 'store: {}, debug: {}').replace('exporters: [store]', 'exporters: [store, debug]') });
    assert.equal(await appliance.stop(), 0);
    const byRole = new Map<string, readonly string[]>();
    for (const name of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly result: readonly { readonly url: string }[] };
      const files = result.flatMap(({ url }) => (url.startsWith('file:') ? [relative(ROOT, fileURLToPath(url))] : []));
      const role = ROLES.find((each) => files.some((file) => new RegExp(`/${each}(-[\\w-]+)?\\.js$`).test(file)));
      byRole.set(role ?? 'launcher', files);
    }
    return byRole;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('what a start loads', function () {
  this.timeout(240_000);
  let files: ReadonlyMap<string, readonly string[]>;

  before(async function () {
    const bundled = timeOf('appliance/dist/bundle/main.js');
    const isCurrent = bundled > 0 && PACKAGES.every((name) => timeOf(`${name}/dist/.tsbuildinfo`) <= bundled);
    assert.ok(isCurrent || !process.env['CI'], 'the roles are bundled by `npm run build`');
    if (!isCurrent) this.skip(); // compiled by `tsc -b` alone
    files = await filesByRole();
  });

  for (const role of ROLES) {
    it(`is the bundle for the role ${role}, and few files beside it`, () => {
      const loaded = files.get(role) ?? [];
      assert.ok(loaded.some((file) => file === join('appliance', 'dist', 'bundle', 'main.js')), loaded.join('\n'));
      assert.ok(loaded.length <= MOST_FILES[role], `${loaded.length} files:\n${loaded.join('\n')}`);
    });
  }

  it('is little for the launcher: neither roles nor components', () => {
    const loaded = files.get('launcher') ?? [];
    assert.ok(loaded.length > 0 && loaded.length <= 40, loaded.join('\n'));
    assert.deepEqual(loaded.filter((file) => /\/(roles|receivers|exporters|processors|connectors|bundle)\//.test(file) || /^(query|store)\//.test(file)), []);
  });
});
