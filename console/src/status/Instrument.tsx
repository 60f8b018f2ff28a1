import { useClient } from '../api/context.js';
import { loadStatus } from '../api/status.js';
import { useLoad } from '../api/use-load.js';
import { Command } from '../design/Notes.js';
import { waysIn } from './ways-in.js';

/** The line that starts an application with the agent, as this appliance needs it. */
export function Instrument() {
  return <Command text={useWaysIn().instrument} />;
}

/** Where anything else that speaks OTLP sends to. */
export function OtlpAddresses() {
  return <>{useWaysIn().otlp.join(' or ')}</>;
}

function useWaysIn() {
  const client = useClient();
  const status = useLoad('ways in', (signal) => loadStatus(client, signal));
  return waysIn(status.data, location.hostname);
}
