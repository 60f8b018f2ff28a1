// Prints what fails and what is slow to come, keeps the rest short, and leaves the counts where scripts/test.mjs adds them up.
const { appendFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_TEST_RETRY, EVENT_RUN_END } = Runner.constants;

const firstLines = (error) => String(error && error.message).split('\n').slice(0, 6).join('\n          ');

module.exports = class GroupReporter extends reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    let passed = 0;
    const skipped = [];
    const failures = [];
    const flaky = [];
    runner.on(EVENT_TEST_PASS, () => { passed++; });
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      failures.push(test);
      process.stdout.write(`  FAILED  ${test.fullTitle()}\n          ${firstLines(error)}\n`);
    });
    runner.on(EVENT_TEST_RETRY, (test, error) => {
      flaky.push(test.fullTitle());
      process.stdout.write(`  AGAIN   ${test.fullTitle()}\n          ${firstLines(error)}\n`);
    });
    runner.once(EVENT_RUN_END, () => {
      if (failures.length > 0) reporters.Base.list(failures);
      if (process.env.SIGNALBOX_TEST_COUNTS) {
        appendFileSync(process.env.SIGNALBOX_TEST_COUNTS, JSON.stringify({ passed, failed: failures.length, skipped, flaky }) + '\n');
      }
    });
  }
};
