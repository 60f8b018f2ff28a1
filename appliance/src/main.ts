import { readFileSync } from 'node:fs';
import { nearestName } from '@signalbox/collector/config/nearest';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeError } from './errors.js';
import { endWithReader, outliveReader } from './output-errors.js';

/** The command line. Each command is loaded when it is called, so that `signalbox --help` does not wait for all of them. */

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;

const dataOption = () => new Option('--data <dir>', 'where everything is kept').env('SIGNALBOX_DATA').default('./signalbox-data');
const urlOf = (text: string): string => {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('An address with its scheme is needed, such as http://127.0.0.1:4319.');
};
const urlOption = () => new Option('--url <url>', 'port 4319 of the appliance').env('SIGNALBOX_URL').default('http://127.0.0.1:4319').argParser(urlOf);
/** Of commands that read the configuration, where that is given. */
const configuredUrlOption = () => new Option('--url <url>', 'port 4319 of the appliance (default: as --config has it, else "http://127.0.0.1:4319")').env('SIGNALBOX_URL').argParser(urlOf);
const rateOption = () => new Option('--rate <n>', 'checkouts a second, 0.1 to 100').default('5').argParser((text) => {
  if (text.trim() !== '' && Number(text) >= 0.1 && Number(text) <= 100) return text;
  throw new InvalidArgumentError('A number from 0.1 to 100 is needed.');
});
const tokenOption = () => new Option('--token <token>', 'where the appliance demands one (better given as SIGNALBOX_TOKEN)').env('SIGNALBOX_TOKEN');
const caOption = () => new Option('--ca-file <file>', 'the authority of its certificate, where it speaks TLS').env('SIGNALBOX_CA_FILE');
const certOption = () => new Option('--cert-file <file>', 'the certificate to show, where it demands one').env('SIGNALBOX_CERT_FILE');
const keyOption = () => new Option('--key-file <file>', 'its key').env('SIGNALBOX_KEY_FILE');
const jsonOption = () => new Option('--json', 'print JSON');

const program = new Command('signalbox')
  .description('An observability appliance: OTLP in; PromQL, LogQL, TraceQL and Jaeger queries, dashboards and a console out.')
  .version(version)
  .configureHelp({ sortSubcommands: false })
  .addHelpText('after', '\nExamples:\n  signalbox                               start with a configuration that needs none\n  signalbox demo                          the same, with a small shop that sends data\n  signalbox start --config FILE --check   say what is wrong with a configuration\n  signalbox doctor                        say why no data arrives\n\nEach command has its own --help. Without a command, start is meant.');

program.command('start', { isDefault: true })
  .description('run the appliance')
  .option('--config <file>', 'configuration in the OpenTelemetry Collector\'s shape; without, a default that needs none')
  .addOption(dataOption())
  .addOption(new Option('--role <role...>', 'run these roles only').choices(['receive', 'deliver', 'serve']))
  .option('--check', 'check the configuration, print what it means, and end')
  .addHelpText('after', '\nExamples:\n  signalbox start\n  signalbox start --config signalbox.yaml --data /var/lib/signalbox\n  SIGNALBOX_STORE_RETENTION_AGE=off signalbox start')
  .action(async (options) => (await import('./commands/start.js')).start({ ...options, version }));

program.command('demo')
  .description('run the appliance with a small instrumented shop under load')
  .option('--config <file>', 'configuration of the appliance')
  .addOption(dataOption())
  .addOption(rateOption())
  .addHelpText('after', '\nExample:\n  signalbox demo --rate 20')
  .action(async (options) => (await import('./commands/demo.js')).demo({ ...options, version }));

program.command('verify')
  .description('send one marked trace, log line and metric through every way in and find each through every way out')
  .option('--config <file>', 'configuration of the appliance: lines are written to files that it watches and to its syslog, and Elasticsearch, Loki and Prometheus are searched too')
  .addOption(configuredUrlOption()).addOption(tokenOption()).addOption(caOption()).addOption(certOption()).addOption(keyOption()).addOption(jsonOption())
  .option('--timeout <seconds>', 'how long to look for each', '15')
  .addHelpText('after', '\nExits with 1 and names the broken link when something is not found.\n\nExamples:\n  signalbox verify --json\n  signalbox verify --config signalbox.yaml')
  .action(async (options) => (await import('./commands/verify.js')).verify(options));

program.command('doctor')
  .description('say why no data arrives')
  .option('--config <file>', 'configuration of the appliance')
  .addOption(dataOption()).addOption(configuredUrlOption()).addOption(tokenOption()).addOption(caOption()).addOption(certOption()).addOption(keyOption()).addOption(jsonOption())
  .addOption(new Option('--endpoint <url>', 'the OTLP endpoint that an application was told to send to').env('OTEL_EXPORTER_OTLP_ENDPOINT'))
  .addOption(new Option('--protocol <protocol>', 'the protocol it was told to speak').env('OTEL_EXPORTER_OTLP_PROTOCOL').choices(['grpc', 'http/protobuf', 'http/json']))
  .addHelpText('after', '\nExamples:\n  signalbox doctor\n  signalbox doctor --endpoint http://127.0.0.1:4318 --protocol grpc')
  .action(async (options) => (await import('./commands/doctor.js')).doctor(options));

program.command('ledger')
  .description('show what was accepted, delivered, is queued, and was dropped and why')
  .addOption(dataOption()).addOption(jsonOption())
  .addHelpText('after', '\nReads the data directory, so it works while the appliance is stopped too. Exits with 1 when an account does not balance.\n\nExamples:\n  signalbox ledger\n  signalbox ledger --json --data /var/lib/signalbox')
  .action(async (options) => (await import('./commands/ledger.js')).ledger(options));

const readers = program.command('readers').description('list the readers of the journal, and forget those that are not configured any more');
const configOption = () => new Option('--config <file>', 'configuration of the appliance');
readers.command('list')
  .description('every reader, how far behind it is, and whether it is configured')
  .addOption(configOption()).addOption(dataOption()).addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  signalbox readers list --config signalbox.yaml')
  .action(async (options) => (await import('./commands/readers.js')).list(options));
readers.command('forget').argument('<reader>')
  .description('let go of what the journal keeps for a reader that is not configured any more')
  .addOption(configOption()).addOption(dataOption()).addOption(jsonOption())
  .addHelpText('after', "\nExample:\n  signalbox readers forget 'logs→loki' --config signalbox.yaml")
  .action(async (reader: string, options) => (await import('./commands/readers.js')).forget(reader, options));

const deadLetters = program.command('dead-letters').description('list, show, replay and purge what a destination refused for good');
const exporterOption = () => new Option('--exporter <id>', 'those of this exporter only');
const allOption = () => new Option('--all', 'every one (of --exporter)');
deadLetters.command('list')
  .description('list dead letters, oldest first')
  .addOption(dataOption()).addOption(exporterOption()).addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  signalbox dead-letters list --exporter elasticsearch')
  .action(async (options) => (await import('./commands/dead-letters.js')).list(options));
deadLetters.command('show').argument('<id>')
  .description('show one with its reasons and its content as OTLP/JSON')
  .addOption(dataOption()).addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  signalbox dead-letters show elasticsearch/1795277712345-1f0a2b3c')
  .action(async (id: string, options) => (await import('./commands/dead-letters.js')).show(id, options));
deadLetters.command('replay').argument('[id...]')
  .description('send them again through the OTLP port of the running appliance; those that it accepts are removed')
  .addOption(dataOption()).addOption(exporterOption()).addOption(allOption()).addOption(urlOption()).addOption(tokenOption()).addOption(caOption()).addOption(certOption()).addOption(keyOption()).addOption(jsonOption())
  .addHelpText('after', '\nThey come to every exporter of their pipelines, as if they were sent anew.\n\nExample:\n  signalbox dead-letters replay --exporter elasticsearch --all')
  .action(async (ids: string[], options) => (await import('./commands/dead-letters.js')).replay(ids, options));
deadLetters.command('purge').argument('[id...]')
  .description('remove them for good')
  .addOption(dataOption()).addOption(exporterOption()).addOption(allOption()).addOption(jsonOption())
  .addHelpText('after', '\nExamples:\n  signalbox dead-letters purge elasticsearch/1795277712345-1f0a2b3c\n  signalbox dead-letters purge --exporter loki --all')
  .action(async (ids: string[], options) => (await import('./commands/dead-letters.js')).purge(ids, options));

program.command('elasticsearch').description('prepare Elasticsearch for the exporter').command('install-templates')
  .description('put index templates, component templates and lifecycle in place, and say what the server lacks')
  .addOption(configOption()).addOption(exporterOption()).addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  signalbox elasticsearch install-templates --config signalbox.yaml')
  .action(async (options) => (await import('./commands/elasticsearch.js')).installTemplates(options));

program.command('sampling').description('tail sampling').command('explain').argument('<trace id>')
  .description('say which policy kept or dropped a trace, and what the others said')
  .addOption(urlOption()).addOption(tokenOption()).addOption(caOption()).addOption(certOption()).addOption(keyOption()).addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  signalbox sampling explain 4bf92f3577b34da6a3ce929d0e0e4736')
  .action(async (traceId: string, options) => (await import('./commands/sampling.js')).explain(traceId, options));

const token = program.command('token').description('make, list and revoke access tokens');
token.command('create')
  .description('make a token; it is shown once')
  .addOption(dataOption()).addOption(jsonOption())
  .option('--tenant <name>', 'whose data it writes and reads', 'default')
  .addOption(new Option('--scope <scope...>', 'what it allows').choices(['write', 'read']).default(['write', 'read']))
  .option('--note <text>', 'what it is for', '')
  .addHelpText('after', '\nExamples:\n  signalbox token create --note "orders service" --scope write\n  signalbox token create --tenant team-a')
  .action(async (options) => (await import('./commands/token.js')).create(options));
token.command('list').description('list tokens, without their secrets').addOption(dataOption()).addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  signalbox token list --json')
  .action(async (options) => (await import('./commands/token.js')).list(options));
token.command('revoke').description('make a token useless, within a second').argument('<id>').addOption(dataOption()).addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  signalbox token revoke 1f0a2b3c')
  .action(async (id: string, options) => (await import('./commands/token.js')).revoke(id, options));

/** Mistakes that are told together stand below one another, with their number. */
function complaint(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length < 2 || lines.some((line) => line.startsWith(' '))) return `signalbox: ${text}\n`;
  const warnings = lines.filter((line) => line.startsWith('warning: ')).length;
  const counted = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`]);
  return `signalbox: ${[...counted(lines.length - warnings, 'mistake'), ...counted(warnings, 'warning')].join(', ')}:\n  ${lines.join('\n  ')}\n`;
}

/** Has each command name its own help after a mistake. */
function nameHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(${path} --help shows how)`);
  for (const each of command.commands) nameHelp(each, `${path} ${each.name()}`);
}
nameHelp(program, program.name());

/** Commands that run until they are told to stop. */
const SERVING = new Set(['start', 'demo']);
program.hook('preAction', (_program, command) => (SERVING.has(command.name()) ? outliveReader() : endWithReader()));

// Without a command, `start` is meant; a word that is none would be an argument of it.
const [, , first = '-', second = '-'] = process.argv;
const names = [...program.commands.map((command) => command.name()), 'help'];
const meant = first === 'help' ? second : first;
if (!meant.startsWith('-') && !names.includes(meant)) {
  const near = nearestName(meant, names);
  program.error(`error: unknown command '${meant}'${near === null ? '' : `\n(Did you mean ${near}?)`}`);
}
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(complaint(describeError(error)));
  process.exitCode = 1;
}
