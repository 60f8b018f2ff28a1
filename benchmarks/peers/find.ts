import { join } from 'node:path';
import { isBuilt, serverDir } from '../../test/servers/cache.js';
import { findRecipe } from '../../test/servers/recipes.js';

/** The peer's program, or null when it was not obtained; then a suite measures ours alone and says so. */
export function findPeer(name: 'otelcol' | 'otelcol-elasticsearch' | 'otelcol-loki' | 'jaeger'): string | null {
  const recipe = findRecipe(name);
  return isBuilt(recipe) ? join(serverDir(recipe), recipe.build.kind === 'otelcol' ? 'otelcol' : name) : null;
}
