import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { endpointText } from '@signalbox/collector/config/endpoint';
import { TLS_REMEDY, tlsFailure, type CallerTls } from '../probe/caller.js';
import type { Place } from './reached-at.js';

export interface SyslogTransport {
  readonly kind: 'TCP' | 'TLS' | 'UDP';
  readonly place: Place;
  /** The message has its length in front of it (RFC 6587), in place of a newline behind. */
  readonly counted: boolean;
}

/** Sends one message, in ASCII. @throws Error that says what stood in the way, as far as that is told to who sends syslog */
export async function sendSyslog({ kind, place, counted }: SyslogTransport, message: string, { timeoutMs, tls }: { readonly timeoutMs: number; readonly tls: CallerTls }): Promise<void> {
  const address = endpointText(place.host, place.port);
  try {
    if (kind === 'UDP') await overUdp(place, message);
    else {
      const socket = kind === 'TLS' ? connectTls({ ...place, ...tls }) : connect(place);
      await overStream(socket, kind === 'TLS' ? 'secureConnect' : 'connect', counted ? `${message.length} ${message}` : `${message}\n`, timeoutMs);
    }
  } catch (error) {
    const failure = kind === 'TLS' ? tlsFailure(error) : null;
    throw new Error(failure === null ? `${address}: ${(error as Error).message}` : `${address}: TLS failed: ${failure}; ${TLS_REMEDY}`, { cause: error });
  }
}

/** Settles once both sides have closed the connection: what the other holds against it is told until then. */
function overStream(socket: Socket, connected: 'connect' | 'secureConnect', frame: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`the connection did not take the message within ${timeoutMs / 1000} s`)));
    socket.once(connected, () => socket.end(frame, 'latin1')).once('error', reject).once('close', () => resolve()).resume();
  });
}

async function overUdp({ host, port }: Place, message: string): Promise<void> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => socket.once('error', reject).send(message, port, address, (error) => (error === null ? resolve() : reject(error))));
  } finally {
    socket.close();
  }
}
