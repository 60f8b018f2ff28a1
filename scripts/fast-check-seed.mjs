// Loaded by mocha before the tests: SIGNALBOX_TEST_SEED gives properties the same data in every run, as in CI.
import { createRequire } from 'node:module';
import imported from 'fast-check';

const required = createRequire(import.meta.url)('fast-check');
const seed = Number(process.env.SIGNALBOX_TEST_SEED ?? NaN);
// Tests are loaded in one way or the other, and each has settings of its own.
if (Number.isInteger(seed)) for (const fc of [imported, required.default ?? required]) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
