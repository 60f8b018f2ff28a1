import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The compose specification's own reference implementation carries its schema; Go's module proxy has it. */
const MODULE = 'github.com/compose-spec/compose-go/v2@v2.9.1';

/** The JSON schema of the compose specification, or null when Go is not there to fetch it. */
export function composeSchema(): object | null {
  try {
    const answer = JSON.parse(execFileSync('go', ['mod', 'download', '-json', MODULE], { encoding: 'utf8', cwd: '/', env: { ...process.env, GOFLAGS: '-mod=mod' }, stdio: ['ignore', 'pipe', 'ignore'] })) as { Dir: string };
    return JSON.parse(readFileSync(join(answer.Dir, 'schema', 'compose-spec.json'), 'utf8')) as object;
  } catch {
    return null;
  }
}
