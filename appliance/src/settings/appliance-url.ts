import { httpUrl } from '../probe/http-url.js';
import type { Configuration } from './configuration.js';

const DEFAULT_URL = 'http://127.0.0.1:4319';

/** Where an appliance is asked: where one is told to; else where its configuration has it serve, as far as that is known. */
export function applianceUrl(told: string | undefined, config: Configuration | null): string {
  if (told !== undefined) return told;
  const { endpoint, tls } = config?.sections.serve ?? {};
  return endpoint === undefined || endpoint.endsWith(':0') ? DEFAULT_URL : httpUrl(endpoint, tls?.cert_file !== undefined);
}
