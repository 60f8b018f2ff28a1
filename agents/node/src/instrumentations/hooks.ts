import Module, { createRequire, isBuiltin, register, syncBuiltinESMExports } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';

type Load = (this: unknown, filename: string) => unknown;

/**
 * Lets our instrumentations reach what is imported: they hook `require`, and `import` of a CommonJS package or of a part
 * of Node does not come by there. Both end in Node's CommonJS loader all the same: a package is required once more right
 * after it was loaded and before its importer sees it, and parts of Node are required now. So no module goes through
 * hooks of the module loader, which on older versions of Node are a thread of their own.
 */
export function reachImports(instrumentations: readonly Instrumentation[]): void {
  const require = createRequire(import.meta.url);
  const names = changedModules(instrumentations);
  for (const name of names) if (isBuiltin(name)) require(name);
  syncBuiltinESMExports();
  const folders = names.filter((name) => !isBuiltin(name)).map((name) => `/node_modules/${name}/`);
  const load: unknown = Reflect.get(Module.prototype, 'load');
  if (!isLoad(load)) return;
  const loadAndRequire: Load = function (filename) {
    load.call(this, filename);
    const path = filename.replaceAll('\\', '/');
    if (folders.some((folder) => path.includes(folder))) require(filename);
  };
  Reflect.set(Module.prototype, 'load', loadAndRequire);
}

/**
 * Lets instrumentations of OpenTelemetry's bundle reach what is imported, by hooks of Node's module loader
 * (import-in-the-middle, the copy that they use): their packages may be ECMAScript modules. Only packages that one of
 * them changes at its surface are wrapped; all others load as if nothing were there.
 */
export function hookImports(instrumentations: readonly Instrumentation[]): void {
  const include = changedModules(instrumentations);
  if (include.length > 0) register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include } });
}

/** Modules whose exports are changed, not only those of files within. */
function changedModules(instrumentations: readonly Instrumentation[]): string[] {
  const names = new Set<string>();
  for (const instrumentation of instrumentations) {
    for (const { name, patch } of definitionsOf(instrumentation)) if (patch !== undefined) names.add(name);
  }
  return [...names];
}

function definitionsOf(instrumentation: Instrumentation): readonly { name: string; patch?: unknown }[] {
  const getDefinitions: unknown = Reflect.get(instrumentation, 'getModuleDefinitions');
  if (typeof getDefinitions !== 'function') return [];
  const definitions: unknown = getDefinitions.call(instrumentation);
  return Array.isArray(definitions) ? definitions : [];
}

function isLoad(value: unknown): value is Load {
  return typeof value === 'function';
}
