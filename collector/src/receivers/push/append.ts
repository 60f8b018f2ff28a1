import type { Intake, IntakeRequest } from '../../component.js';
import type { ReceiverMeter } from '../../intake/receiver-meter.js';
import type { TenantShare } from '../requests/tenant-limits.js';

/** What a push brought, to the disk: counted, and charged to its tenant's share, which has it back where the journal does not take it. @throws JournalFailed, Refusal */
export async function appendPush(frame: IntakeRequest, { intake, meter, share }: { readonly intake: Intake; readonly meter: ReceiverMeter; readonly share: TenantShare | null }): Promise<void> {
  const { signal, items, payload } = frame;
  let charged = false;
  try {
    share?.charge(items, payload.length);
    charged = true;
    await intake.accept(frame);
  } catch (error) {
    if (charged) share?.refund(items, payload.length);
    meter.refused(signal, items);
    throw error;
  }
  meter.accepted(signal, items);
}
