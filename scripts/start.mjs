// `npm start` and `npm run demo`: installs and builds what changed, then runs the appliance and passes signals on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const [first, ...rest] = process.argv.slice(2);
const args = first === 'demo' ? ['demo', ...rest] : ['start', ...(first === undefined ? [] : [first, ...rest])];
const child = spawn(process.execPath, [join(root, 'appliance/dist/main.js'), ...args], { stdio: 'inherit' });

// A terminal's Ctrl-C reaches the child by itself; a signal sent to this process alone does not.
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
});
