import { z } from 'zod';
import { parseEndpoint } from './endpoint.js';

/** A zod type: where to listen, kept as text. Port 0 takes a free one. */
export function listenEndpoint(): z.ZodType<string> {
  return z.string().refine((text) => parseEndpoint(text) !== null, { error: 'expected HOST:PORT without a scheme, such as 127.0.0.1:4317, [::1]:4317 or 0.0.0.0:4317, with a port of at most 65535' });
}
