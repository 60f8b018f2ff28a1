import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Instrumentation } from '@opentelemetry/instrumentation';

interface SyncHooks {
  readonly register: (options: { readonly include: readonly string[] }) => void;
}

/**
 * Lets instrumentations reach packages that are imported: `require` is theirs already, `import` needs a hook of
 * Node's module loader (import-in-the-middle, the copy that OpenTelemetry uses). Only packages that some
 * instrumentation changes at their surface are wrapped; all others load as if nothing were there.
 */
export async function hookImports(instrumentations: readonly Instrumentation[]): Promise<void> {
  const include = hookedModules(instrumentations);
  if (include.length === 0) return;
  const toolkit = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/instrumentation'));
  const load = (file: string): Promise<unknown> => import(pathToFileURL(toolkit.resolve(`import-in-the-middle/${file}`)).href);
  if (hasSupport(await load('supports-sync-hooks.mjs'))) {
    const hooks = await load('register-hooks.mjs');
    if (isSyncHooks(hooks)) hooks.register({ include });
    return;
  }
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include } });
}

function hookedModules(instrumentations: readonly Instrumentation[]): string[] {
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

function hasSupport(module: unknown): boolean {
  return typeof module === 'object' && module !== null && 'supportsSyncHooks' in module && typeof module.supportsSyncHooks === 'function' && module.supportsSyncHooks() === true;
}

function isSyncHooks(module: unknown): module is SyncHooks {
  return typeof module === 'object' && module !== null && 'register' in module && typeof module.register === 'function';
}
