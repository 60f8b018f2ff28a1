import { createServer } from 'node:net';

/** Below the ports that systems give out for port 0 and outgoing connections, so that one stays free until it is listened on, and while its server is down. */
const PORTS = 6000;
/** Tests that run at the same time in two processes (`scripts/test.mjs`) have ports of their own. */
const FIRST_PORT = 20_000 + PORTS * Number(process.env['SIGNALBOX_TEST_LANE'] ?? 0);

const given = new Set<number>();

/** A port of 127.0.0.1 that is free now, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
