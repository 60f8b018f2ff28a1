import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * A self-signed certificate in a folder. `names` as in a subjectAltName: `IP:127.0.0.1,DNS:example.test`; `expired` makes one that
 * ended yesterday.
 * @throws where openssl is not there
 */
export function makeCertificate(dir: string, name: string, names: string, expired = false): Certificate {
  const [keyFile, certFile, request, extensions] = ['key', 'pem', 'csr', 'ext'].map((ending) => join(dir, `${name}.${ending}`)) as [string, string, string, string];
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', request);
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  openssl('x509', '-req', '-in', request, '-signkey', keyFile, '-days', expired ? '-1' : '2', '-extfile', extensions, '-out', certFile);
  return { certFile, keyFile };
}
