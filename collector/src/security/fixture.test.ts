import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { X509Certificate } from 'node:crypto';

export interface Certificates {
  /** The path of `<name>.pem`, `<name>.key`. */
  file(name: string): string;
  read(name: string): Buffer;
  /**
   * Makes `<name>.pem` and `<name>.key`, signed by `ca`, for a client or for a server at these names.
   * @param days 0: it has expired once settled
   */
  issue(name: string, options?: { readonly names?: string; readonly ca?: string; readonly days?: number }): Promise<void>;
  remove(): void;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const LOOPBACK = 'IP:127.0.0.1,IP:::1,DNS:localhost';

/** Authorities `ca` and `other-ca`, `server` and `client` signed by the first, in a temporary directory. Null where openssl is not there. */
export async function makeCertificates(): Promise<Certificates | null> {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-certificates-'));
  const file = (name: string): string => join(dir, name);
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const certificates: Certificates = {
    file,
    read: (name) => readFileSync(file(name)),
    async issue(name, { names = LOOPBACK, ca = 'ca', days = 2 } = {}) {
      openssl('req', '-new', ...KEY, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
      writeFileSync(file(`${name}.ext`), `subjectAltName=${names}\n`);
      openssl('x509', '-req', '-in', file(`${name}.csr`), '-CA', file(`${ca}.pem`), '-CAkey', file(`${ca}.key`), '-CAcreateserial', '-days', String(days), '-extfile', file(`${name}.ext`), '-out', file(`${name}.pem`));
      const until = Date.parse(new X509Certificate(readFileSync(file(`${name}.pem`))).validTo);
      while (days === 0 && Date.now() <= until + 1000) await sleep(100);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  try {
    for (const ca of ['ca', 'other-ca']) openssl('req', '-x509', ...KEY, '-days', '2', '-subj', `/CN=${ca}`, '-keyout', file(`${ca}.key`), '-out', file(`${ca}.pem`));
  } catch (error) {
    certificates.remove();
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
  await certificates.issue('server');
  await certificates.issue('client');
  return certificates;
}
