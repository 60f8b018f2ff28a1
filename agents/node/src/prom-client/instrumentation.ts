import { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation';
import type { Registries, Registry } from './registries.js';

const VERSIONS = ['>=14 <16'];

/**
 * Learns of prom-client's registries, the default one and the application's own, when a metric is registered in them.
 * Nothing of prom-client changes: what /metrics shows stays what it was.
 */
export class PromClientInstrumentation extends InstrumentationBase {
  readonly #registries: Registries;

  constructor(version: string, registries: Registries) {
    super('@signalbox/agent/prom-client', version, {});
    this.#registries = registries;
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const file = new InstrumentationNodeModuleFile(
      'prom-client/lib/registry.js',
      VERSIONS,
      (registryClass: RegistryClass) => {
        this._wrap(registryClass.prototype, 'registerMetric', (original) => this.#patchRegisterMetric(original));
        return registryClass;
      },
      (registryClass?: RegistryClass) => {
        if (registryClass !== undefined) this._unwrap(registryClass.prototype, 'registerMetric');
      },
    );
    return [new InstrumentationNodeModuleDefinition('prom-client', VERSIONS, undefined, undefined, [file])];
  }

  #patchRegisterMetric(original: RegisterMetric): RegisterMetric {
    const registries = this.#registries;
    return function registerMetric(this: Registry, metric: unknown): unknown {
      registries.add(this);
      return original.call(this, metric);
    };
  }
}

type RegisterMetric = (this: Registry, metric: unknown) => unknown;

interface RegistryClass {
  readonly prototype: { registerMetric: RegisterMetric };
}
