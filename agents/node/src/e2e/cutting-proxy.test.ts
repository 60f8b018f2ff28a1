import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  cuts(): number;
  close(): Promise<void>;
}

/** Passes everything on, but for the first `maxCuts` answers after `isTaken`: these are cut off with their connections. */
export async function cuttingProxy(port: number, isTaken: () => boolean, maxCuts = 1): Promise<CuttingProxy> {
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on('error', end).on('close', end).on('data', (chunk) => upstream.write(chunk));
    upstream.on('error', end).on('close', end).on('data', (chunk) => {
      if (cuts >= maxCuts || !isTaken()) {
        client.write(chunk);
        return;
      }
      cuts += 1;
      end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    close: async () => void (await new Promise((resolve) => server.close(resolve))),
  };
}
