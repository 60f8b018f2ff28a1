import { z } from 'zod';

const endpoint = z.object({ serviceName: z.string().optional(), ipv4: z.string().optional(), ipv6: z.string().optional(), port: z.int().optional() });

/** A span of Zipkin's API v2 (openzipkin/zipkin-api, zipkin2-api.yaml). Times in microseconds. */
export const zipkinSpan = z.object({
  traceId: z.string().regex(/^[0-9a-fA-F]{16}([0-9a-fA-F]{16})?$/, 'expected 16 or 32 hex digits'),
  id: z.string().regex(/^[0-9a-fA-F]{16}$/, 'expected 16 hex digits'),
  parentId: z.string().regex(/^[0-9a-fA-F]{16}$/, 'expected 16 hex digits').nullish(),
  name: z.string().nullish(),
  kind: z.string().nullish(),
  timestamp: z.number().min(0).nullish(),
  duration: z.number().min(0).nullish(),
  localEndpoint: endpoint.nullish(),
  remoteEndpoint: endpoint.nullish(),
  annotations: z.array(z.object({ timestamp: z.number().min(0), value: z.string() })).nullish(),
  tags: z.record(z.string(), z.string()).nullish(),
  debug: z.boolean().nullish(),
  shared: z.boolean().nullish(),
});

export type ZipkinSpan = z.output<typeof zipkinSpan>;
