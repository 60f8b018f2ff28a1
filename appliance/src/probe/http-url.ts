/** `127.0.0.1:4318` → `http://127.0.0.1:4318`; an unspecified address is reached over loopback. */
export function httpUrl(address: string, tls = false): string {
  return `${tls ? 'https' : 'http'}://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
}
