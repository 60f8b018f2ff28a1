import { ApplianceError } from '../errors.js';
import { PLAIN_CALLER, TLS_REMEDY, tlsFailure, type Caller } from './caller.js';
import { httpUrl } from './http-url.js';

/** `GET /api/v1/status` */
export interface ApplianceStatus {
  readonly version: string;
  readonly dataDirectory: string;
  readonly now: string;
  readonly roles: readonly { readonly name: string; readonly state: string; readonly lastFailure: string | null; readonly restarts: number }[];
  readonly listeners: readonly Listener[];
}

export interface Listener {
  readonly name: string;
  readonly address: string;
  readonly tls?: boolean;
}

/** Where nothing answers. */
export const START_REMEDY = 'start the appliance with `npm start`, or give its address with --url';

export function authorization(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** Asks the appliance at port 4319 for its status. @throws ApplianceError that says what to do. */
export async function fetchStatus(url: string, token: string | null, timeoutMs: number, caller: Caller = PLAIN_CALLER): Promise<ApplianceStatus> {
  const target = new URL('/api/v1/status', url);
  let response: Response;
  try {
    response = await caller.fetch(target, { headers: authorization(token), signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw unreachable(target, error);
  }
  if (response.status === 401 || response.status === 403) {
    const { error } = (await response.json().catch(() => ({}))) as { error?: { code?: string; message?: string } };
    const remedy = error?.code === 'SBX_HTTP_HOST' ? `add ${target.hostname} to serve.allowed_hosts of the appliance` : 'give the token as SIGNALBOX_TOKEN';
    throw new ApplianceError('SBX_STATUS_REFUSED', `${target.origin} refuses: ${error?.message ?? `HTTP ${response.status}`}`, remedy);
  }
  if (response.status === 400 && (await response.clone().text()).includes('speaks TLS')) throw new ApplianceError('SBX_STATUS_TLS', `${target.origin} speaks TLS`, `write --url ${target.origin.replace(/^http:/, 'https:')} (SIGNALBOX_URL)`);
  if (!response.ok || !(response.headers.get('content-type') ?? '').includes('json')) {
    throw new ApplianceError('SBX_STATUS_NOT_SIGNALBOX', `${target.origin} answers HTTP ${response.status} to /api/v1/status: it is something else than Signalbox, or another version`, 'give the address of the appliance with --url');
  }
  return (await response.json()) as ApplianceStatus;
}

/** A request that had no answer, with what to do. */
export function unreachable(target: URL, error: unknown): ApplianceError {
  if (error instanceof ApplianceError) return error;
  const failure = target.protocol === 'https:' ? tlsFailure(error) : null;
  if (failure !== null) return new ApplianceError('SBX_STATUS_TLS', `TLS with ${target.origin} failed: ${failure}`, TLS_REMEDY);
  const { cause } = error as { cause?: { code?: string; message?: string } };
  const reason = cause?.code ?? cause?.message ?? (error as Error).message;
  return new ApplianceError('SBX_STATUS_UNREACHABLE', `nothing answers at ${target.origin} (${reason})`, START_REMEDY);
}

/** Where a protocol is reached: `https://127.0.0.1:4318`; null where nothing listens. */
export function urlOf(status: ApplianceStatus, protocol: string): string | null {
  const listener = status.listeners.find((l) => l.name === protocol);
  return listener === undefined ? null : httpUrl(listener.address, listener.tls);
}
