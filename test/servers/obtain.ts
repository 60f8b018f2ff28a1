import { build } from './build.js';
import { isBuilt, serverDir } from './cache.js';
import { findRecipe, RECIPES, type Recipe } from './recipes.js';
import { MissingTool } from './toolchain.js';

/** `npm run test:servers [-- [--peers] NAME…]`: obtains the servers that tests run against, once for all clones. */
async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--peers');
  if (unknown !== undefined) throw new Error(`unknown option ${unknown}; usage: npm run test:servers -- [--peers] [NAME…]`);
  const names = args.filter((arg) => arg !== '--peers');
  const wanted: readonly Recipe[] = names.length > 0 ? names.map(findRecipe) : RECIPES.filter(({ peer }) => !peer || args.includes('--peers'));
  let failures = 0;
  // One after the other: each build uses all the cores.
  for (const recipe of wanted) {
    if (!(await obtain(recipe))) failures++;
  }
  return failures;
}

async function obtain(recipe: Recipe): Promise<boolean> {
  if (isBuilt(recipe)) {
    console.log(`${recipe.name} ${recipe.version}: ${serverDir(recipe)}`);
    return true;
  }
  const startedMs = performance.now();
  console.log(`${recipe.name} ${recipe.version}: building (the first time: ${recipe.takes})`);
  try {
    await build(recipe, (line) => console.log(line));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`${recipe.name} ${recipe.version}: ${error instanceof MissingTool ? 'not built, ' : 'failed: '}${reason}`);
    return false;
  }
  console.log(`${recipe.name} ${recipe.version}: ${serverDir(recipe)} (${Math.round((performance.now() - startedMs) / 1000)} s)`);
  return true;
}

process.exitCode = Math.min(1, await main(process.argv.slice(2)));
