import { strict as assert } from 'node:assert';
import type { Receiver } from '@signalbox/collector/component';
import { builtinRegistry } from '@signalbox/collector/registry';
import { eventually } from '../integrations/eventually.js';
import { DRIVERS, type ReceiverDriver } from './receiver-drivers.js';
import { ReceiverScene, TENANT } from './receiver-scene.js';

/** Receivers that need a server to read from, with settings that lead to none; test/integrations/kafka.test.ts has one. */
const ELSEWHERE: Readonly<Record<string, Record<string, unknown>>> = { kafka: { brokers: ['127.0.0.1:1'] } };

describe('contract: what every receiver does', function () {
  this.timeout(180_000);
  const { receivers } = builtinRegistry();

  it('knows every receiver that there is', () => {
    assert.deepEqual(receivers.map(({ type }) => type).filter((type) => !(type in DRIVERS) && !(type in ELSEWHERE)), []);
  });

  for (const factory of receivers) {
    const make = DRIVERS[factory.type];
    const away = ELSEWHERE[factory.type];
    if (away !== undefined) {
      it(`${factory.type} starts where its server is not there, says so, and stops`, async () => {
        const scene = await ReceiverScene.open();
        try {
          const receiver = await scene.start(factory, away);
          await eventually(async () => assert.match(scene.lines.join(''), /tried again.*"code":"SBX_/), 30_000);
          await scene.stop(receiver);
        } finally {
          await scene.close();
        }
      });
    }
    if (make === undefined) continue;
    describe(factory.type, () => {
      let scene: ReceiverScene;
      let driver: ReceiverDriver;
      let receiver: Receiver;
      const start = async (): Promise<void> => void (receiver = await scene.start(factory, await driver.config(scene)));
      const send = (items: number): Promise<Response | null> => driver.send(scene, receiver, items);
      /** Waits until so many items are on disk, and counted. */
      const arrived = (items: number): Promise<void> => eventually(async () => {
        const found = await scene.items();
        assert.ok(found >= items, `${found} of ${items} items: ${scene.lines.join('')}`);
        assert.ok(scene.counted('accepted', driver.signal) >= items, 'not all are counted');
      });

      beforeEach(async () => {
        driver = make();
        scene = await ReceiverScene.open();
        await start();
      });
      afterEach(async () => {
        await scene.close();
        await driver.close?.();
      });

      it('appends what it is given, once, with its id, its tenant and its signal, and counts it', async () => {
        const answer = await send(20);
        assert.ok((answer?.status ?? 200) < 300, String(answer?.status));
        await arrived(20);
        await scene.stop(receiver);
        const frames = await scene.frames();
        assert.deepEqual([...new Set(frames.map(({ origin, tenant, signal }) => `${origin} ${tenant} ${signal}`))], [`${factory.type}/contract ${TENANT} ${driver.signal}`]);
        const items = await scene.items();
        if (!driver.readsMore) assert.equal(items, 20);
        assert.equal(scene.counted('accepted', driver.signal), items, 'accepted items are those on disk');
        assert.equal(scene.counted('refused', driver.signal), 0);
      });

      it('appends nothing once it has stopped, and goes on where it was when it is started again', async () => {
        await send(10);
        await arrived(10);
        const [address] = receiver.endpoints();
        await scene.stop(receiver);
        const before = await scene.items();
        if (driver.withoutRoom === 'answers') await assert.rejects(fetch(`http://${address!.address}/`));
        await start();
        await send(7);
        await arrived(before + (driver.readsMore ? 1 : 7));
        await scene.stop(receiver);
        if (!driver.readsMore) assert.equal(await scene.items(), 17, 'nothing twice and nothing lost');
        assert.equal(scene.counted('accepted', driver.signal), await scene.items());
      });

      it('may be stopped twice, and before it has anything to do', async () => {
        await scene.stop(receiver);
        await receiver.shutdown();
      });

      it('keeps its promise while the journal is full, and goes on when it is not', async () => {
        // One that reads by itself may have read something already.
        if (driver.readsMore) await scene.stop(receiver);
        const before = await scene.items();
        scene.isFull = true;
        if (driver.readsMore) await start();
        const answer = await send(10);
        if (driver.withoutRoom === 'answers') {
          assert.equal(answer?.status, 503);
          assert.ok(Number(answer.headers.get('retry-after')) >= 1, 'it says when to try again');
          assert.match(await answer.text(), /SBX_JOURNAL_FULL/);
          assert.equal(scene.refusedRequests('journal'), 1);
        } else await eventually(async () => assert.ok(scene.refusals > 0));
        assert.equal(await scene.items(), before);
        if (driver.withoutRoom === 'drops') await eventually(async () => assert.ok(scene.counted('refused', driver.signal) > 0));
        if (driver.withoutRoom !== 'answers') assert.match(scene.lines.join(''), /"level":"(?:warn|error)"/);
        scene.isFull = false;
        if (driver.withoutRoom === 'answers') assert.ok((await send(10))!.ok);
        await arrived(before + 10);
        await scene.stop(receiver);
        if (!driver.readsMore) assert.equal(await scene.items(), 10, 'each once');
      });

      it('takes no more than there is room for in memory', async () => {
        const giveBack = await scene.takeBudget();
        const before = await scene.items();
        const answer = await send(10);
        if (driver.withoutRoom === 'answers') {
          assert.equal(answer?.status, 429);
          assert.ok(Number(answer.headers.get('retry-after')) >= 1);
          assert.match(await answer.text(), /SBX_INTAKE_FULL/);
          assert.equal(scene.refusedRequests('full'), 1);
        }
        assert.equal(await scene.items(), before);
        giveBack();
        if (driver.withoutRoom === 'answers') assert.ok((await send(10))!.ok);
        await arrived(before + 10);
        await scene.stop(receiver);
        if (!driver.readsMore) assert.equal(await scene.items(), 10);
        (await scene.takeBudget())();
      });

      if (make().sendGarbage) it('goes on after garbage, of which nothing is kept', async () => {
        const answer = await driver.sendGarbage!(scene, receiver);
        if (driver.withoutRoom === 'answers') {
          assert.equal(answer?.status, 400);
          assert.equal(scene.refusedRequests('malformed'), 1);
        }
        await send(10);
        await arrived(10);
        (await scene.takeBudget())();
      });

      if (make().listens) it('says which address is taken, and leaves nothing behind', async () => {
        const taken = receiver.endpoints()[0]!.address;
        const config = JSON.parse(JSON.stringify(await driver.config(scene)).replace('127.0.0.1:0', taken)) as Record<string, unknown>;
        await assert.rejects(scene.start(factory, config), (error: Error) => error.message.includes(taken));
        await send(3);
        await arrived(3);
      });
    });
  }
});
