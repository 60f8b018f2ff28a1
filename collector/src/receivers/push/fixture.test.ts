import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '@signalbox/journal/frame';
import { Journal } from '@signalbox/journal/journal';
import { JournalReader } from '@signalbox/journal/reader';
import type { Authenticator, BatchPart, Receiver, ReceiverContext, ReceiverFactory } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { decodeFrame } from '../../delivery/reading/decode.js';
import { createIntake } from '../../intake/intake.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';

const anyone: Authenticator = { write: (_authorization, tenant) => ({ tenant: tenant ?? 'default' }) };

export interface Setup {
  readonly config?: Record<string, unknown>;
  readonly auth?: Authenticator;
  readonly maxInFlightBytes?: number;
}

/** A receiver before a journal in a temporary directory; what it mounts is served on a free port of loopback. */
export async function startReceiver<C>(factory: ReceiverFactory<C>, setup: Setup = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-push-'));
  const journal = await Journal.open({ dir, maxBytes: 256 * 2 ** 20, segmentBytes: 32 * 2 ** 20, minFreeShare: 0 });
  const metrics = createMetrics();
  const clock = systemClock();
  const lines: string[] = [];
  const logger = createLogger({ stream: { write: (line) => void lines.push(line) }, level: 'debug' });
  const handlers = new Map<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>();
  const intake = createIntake({ journal, clock, metrics, ...(setup.maxInFlightBytes === undefined ? {} : { maxInFlightBytes: setup.maxInFlightBytes }) }).from(factory.type);
  const context: ReceiverContext = { id: factory.type, logger, clock, metrics, dataDir: dir, journalId: journal.id, intake, mounts: { post: (path, handler) => void handlers.set(path, handler) }, auth: setup.auth ?? anyone, signals: factory.signals };
  const receiver: Receiver = factory.create(factory.parseConfig(setup.config ?? {}, detachedPlace('(test)', ['receivers', factory.type])), context);
  const server = createServer((request, response) => {
    const handler = handlers.get(request.url?.split('?', 1)[0] ?? '');
    if (handler) void handler(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await receiver.start();
  const frames = async (): Promise<readonly Frame[]> => {
    const reader = await JournalReader.open(dir);
    const read = await reader.read(0, { maxBytes: 2 ** 30, wants: () => true });
    await reader.close();
    return read.frames;
  };
  return {
    receiver,
    context,
    metrics,
    lines,
    mountedUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    frames,
    parts: async (): Promise<BatchPart[]> => (await frames()).map(decodeFrame),
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await receiver.shutdown();
      await journal.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type Started = Awaited<ReturnType<typeof startReceiver>>;
