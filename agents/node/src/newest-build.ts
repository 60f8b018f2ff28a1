import { statSync } from 'node:fs';

/**
 * The agent's module, as an URL: in a few bundled files (`bundle.mjs`), which load in a third of the time; its single
 * files where there is no bundle, or where they were built anew since. `base` is the URL of a module beside them.
 */
export function newestBuild(base: string): string {
  const bundle = new URL('./bundle/agent.js', base);
  const bundledMs = modifiedMs(bundle);
  const builtMs = modifiedMs(new URL('./.tsbuildinfo', base));
  return bundledMs !== null && builtMs !== null && bundledMs >= builtMs ? bundle.href : new URL('./agent.js', base).href;
}

/** Null where there is no such file. */
function modifiedMs(file: URL): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
