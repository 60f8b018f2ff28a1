import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A server that a test runs against. */
export interface RunningServer {
  readonly url: string;
  /** Undefined where the server was given by its URL and is not ours to stop. */
  readonly pid: number | undefined;
  /** What the server printed, if it is ours. */
  readonly log: string | undefined;
  /** Ends it gently and waits. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL and waits. */
  kill(): Promise<void>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  readonly url: string;
  /** Answers 200 when the server is ready; or a test of one that does not speak HTTP. */
  readonly readyPath: string | (() => Promise<boolean>);
  readonly readyWithinMs: number;
}

const READY_POLL_MS = 100;
const STOP_WITHIN_MS = 60_000;
const LOG_TAIL_BYTES = 3000;

/** Starts a server and waits until it is ready. */
export async function startServer(what: ServerCommand): Promise<RunningServer> {
  mkdirSync(dirname(what.logFile), { recursive: true });
  const log = createWriteStream(what.logFile, { flags: 'a' });
  const child = spawn(what.command, what.args, { cwd: what.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<void>((resolve) => child.once('close', () => log.end(resolve)));
  // A test run that is itself ended must not leave servers behind.
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  void exited.then(() => process.removeListener('exit', onExit));
  await ready(child, what);
  return {
    url: what.url,
    pid: child.pid,
    log: what.logFile,
    stop: () => end(child, exited, 'SIGTERM'),
    kill: () => end(child, exited, 'SIGKILL'),
  };
}

/** A server that somebody else runs. */
export function givenServer(url: string): RunningServer {
  const notOurs = (): Promise<void> => Promise.resolve();
  return { url: url.replace(/\/$/, ''), pid: undefined, log: undefined, stop: notOurs, kill: notOurs };
}

async function ready(child: ChildProcess, what: ServerCommand): Promise<void> {
  let failure: string | null = null;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure ??= `it ended with ${signal ?? `code ${code}`}`));
  const deadlineMs = performance.now() + what.readyWithinMs;
  while (failure === null && performance.now() < deadlineMs) {
    if (await isReady(what).catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  child.kill('SIGKILL');
  throw new Error(`${what.command} did not become ready: ${failure ?? `not within ${what.readyWithinMs} ms`}\n${readFileSync(what.logFile, 'utf8').slice(-LOG_TAIL_BYTES)}`);
}

async function isReady({ url, readyPath }: ServerCommand): Promise<boolean> {
  if (typeof readyPath !== 'string') return readyPath();
  const response = await fetch(`${url}${readyPath}`, { signal: AbortSignal.timeout(5000) });
  await response.arrayBuffer();
  return response.ok;
}

async function end(child: ChildProcess, exited: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return exited;
  child.kill(signal);
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(hard);
}
