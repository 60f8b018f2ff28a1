/** What a service hands back once it listens. */
export interface RunningService {
  /** Where others reach it: a URL, or host:port for gRPC. */
  readonly address: string;
  /** Takes no more requests, finishes those under way. */
  close(): Promise<void>;
}

/** What a service tells the process that started it. */
export interface Ready {
  readonly address: string;
}

/** How long requests under way may take at the end. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Runs a service as a child process until the one that started it closes the channel between them: to stop it, or by
 * its own death, so that no service is left behind.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  if (process.send === undefined) throw new Error('a service of the demo is started by demo/dist/main.js');
  // Ctrl-C reaches the whole group; the process that started this one decides on the order of the end.
  process.on('SIGINT', () => {});
  // Whoever read our lines is gone; the end of the channel follows.
  process.stdout.on('error', () => {});
  const ended = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const service = await start();
  if (process.connected) {
    process.send({ address: service.address } satisfies Ready);
    await ended;
  }
  setTimeout(() => process.exit(), CLOSE_TIMEOUT_MS).unref();
  await service.close();
}

/** The address of another service, which the environment names. */
export function requiredEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
