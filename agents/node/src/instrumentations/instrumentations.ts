import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { PromClientInstrumentation } from '../prom-client/instrumentation.js';
import type { Registries } from '../prom-client/registries.js';
import { WinstonInstrumentation } from '../winston/instrumentation.js';
import { ExpressInstrumentation } from './express.js';
import { instrumentFastify } from './fastify.js';

/** What instrumentations need to know. */
export interface InstrumentationContext {
  readonly agentVersion: string;
  readonly serviceVersion: string | undefined;
  readonly registries: Registries;
}

interface Known {
  /** As in OTEL_NODE_ENABLED_INSTRUMENTATIONS. */
  readonly name: string;
  /** As people call it. */
  readonly label: string;
  /** The package that it instruments; null for what is part of Node. */
  readonly package: string | null;
  readonly signal: 'traces' | 'logs' | 'metrics';
  create(context: InstrumentationContext): Promise<Instrumentation | null>;
}

/** What is instrumented where nothing else is said. Each is loaded only if it is wanted. */
const KNOWN: readonly Known[] = [
  {
    name: 'express', label: 'express', package: 'express', signal: 'traces',
    create: async ({ agentVersion }) => new ExpressInstrumentation(agentVersion),
  },
  {
    name: 'fastify', label: 'fastify', package: 'fastify', signal: 'traces',
    async create({ agentVersion }) {
      instrumentFastify(agentVersion);
      return null;
    },
  },
  {
    name: 'http', label: 'http', package: null, signal: 'traces',
    async create() {
      const { httpInstrumentation } = await import('./http.js');
      return httpInstrumentation();
    },
  },
  {
    name: 'undici', label: 'fetch', package: null, signal: 'traces',
    async create() {
      const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
      return new UndiciInstrumentation();
    },
  },
  {
    name: 'grpc', label: 'grpc', package: '@grpc/grpc-js', signal: 'traces',
    async create() {
      const { MeteredGrpcInstrumentation } = await import('./grpc.js');
      return new MeteredGrpcInstrumentation();
    },
  },
  {
    name: 'pg', label: 'pg', package: 'pg', signal: 'traces',
    async create() {
      const { PgInstrumentation } = await import('@opentelemetry/instrumentation-pg');
      return new PgInstrumentation();
    },
  },
  {
    name: 'winston', label: 'winston', package: 'winston', signal: 'logs',
    create: async ({ agentVersion, serviceVersion }) => new WinstonInstrumentation({ version: agentVersion, serviceVersion }),
  },
  {
    name: 'prom-client', label: 'prom-client', package: 'prom-client', signal: 'metrics',
    create: async ({ agentVersion, registries }) => new PromClientInstrumentation(agentVersion, registries),
  },
];

const BUNDLE = '@opentelemetry/auto-instrumentations-node';

export interface Chosen {
  /** Ours. */
  readonly instrumentations: readonly Instrumentation[];
  /** Of OpenTelemetry's bundle. */
  readonly bundled: readonly Instrumentation[];
  /** What the application can use of it, as people call it. */
  readonly labels: Readonly<Record<Known['signal'], readonly string[]>>;
  /** Names that there is no instrumentation for. */
  readonly unknown: readonly string[];
}

/**
 * The instrumentations that were asked for: ours, or those that `enabled` names, also from OpenTelemetry's bundle, but
 * not those that `disabled` names. `resolves` says whether the application has a package.
 */
export async function chooseInstrumentations(
  enabled: readonly string[],
  disabled: readonly string[],
  context: InstrumentationContext,
  resolves: (packageName: string) => boolean,
): Promise<Chosen> {
  const names = (enabled.length > 0 ? enabled : KNOWN.map(({ name }) => name)).filter((name) => !disabled.includes(name));
  const instrumentations: Instrumentation[] = [];
  const bundled: Instrumentation[] = [];
  const labels: Record<Known['signal'], string[]> = { traces: [], logs: [], metrics: [] };
  const unknown: string[] = [];
  for (const name of names) {
    const known = KNOWN.find((entry) => entry.name === name);
    if (known !== undefined) {
      const instrumentation = await known.create(context);
      if (instrumentation !== null) instrumentations.push(instrumentation);
      if (known.package === null || resolves(known.package)) labels[known.signal].push(known.label);
      continue;
    }
    const instrumentation = fromBundle(name);
    if (instrumentation === null) unknown.push(name);
    else {
      bundled.push(instrumentation);
      labels.traces.push(name);
    }
  }
  return { instrumentations, bundled, labels, unknown };
}

function fromBundle(name: string): Instrumentation | null {
  if (!/^[a-z0-9.-]+$/.test(name)) return null;
  let exports: unknown;
  try {
    const bundle = createRequire(createRequire(import.meta.url).resolve(BUNDLE));
    exports = bundle(`@opentelemetry/instrumentation-${name}`);
  } catch {
    return null;
  }
  const constructor = Object.entries(exports ?? {}).find(([key, value]) => key.endsWith('Instrumentation') && typeof value === 'function')?.[1];
  return constructor === undefined ? null : Reflect.construct(constructor, []);
}
