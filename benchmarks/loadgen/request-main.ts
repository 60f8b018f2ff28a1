import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks for a URL at a fixed rate and prints how long the answers took, counted from when each request was due; at the rate
 * `flat`, a few connections ask again as soon as they have an answer.
 */
const [url = '', rate = '300', seconds = '10'] = process.argv.slice(2);
const CONNECTIONS = 8;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const took: number[] = [];
let failed = 0;

function ask(dueMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (ok: boolean): void => {
      if (ok) took.push(performance.now() - dueMs);
      else failed += 1;
      resolve();
    };
    get(`${url}/${took.length}`, { agent }, (response) => response.resume().on('end', () => done(response.statusCode === 200)).on('error', () => done(false))).on('error', () => done(false));
  });
}

async function atRate(): Promise<void> {
  const everyMs = 1000 / Number(rate);
  const total = Number(rate) * Number(seconds);
  const began = performance.now();
  const asked: Promise<void>[] = [];
  for (let n = 0; n < total; ) {
    for (; n < total && began + n * everyMs <= performance.now(); n++) asked.push(ask(began + n * everyMs));
    await sleep(1);
  }
  await Promise.all(asked);
}

async function flatOut(): Promise<void> {
  const until = performance.now() + Number(seconds) * 1000;
  const askAgain = async (): Promise<void> => {
    while (performance.now() < until) await ask(performance.now());
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, askAgain));
}

await (rate === 'flat' ? flatOut() : atRate());
agent.destroy();
took.sort((a, b) => a - b);
const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? NaN;
process.stdout.write(JSON.stringify({ requests: took.length, failed, p50Ms: at(0.5), p99Ms: at(0.99) }));
