import assert from 'node:assert/strict';
import { DecisionNews } from './decision-news.js';

describe('sampling/decision-news', () => {
  const never = new AbortController().signal;
  const LONG_MS = 3_600_000;

  it('wakes who waits, and does not let wait who missed it', async () => {
    const news = new DecisionNews();
    const waiting = [news.wait(news.count, never, LONG_MS), news.wait(news.count, never, LONG_MS)];
    const known = news.count;
    news.tell();
    await Promise.all(waiting);
    await news.wait(known, never, LONG_MS);
    assert.equal(news.count, known + 1);
  });

  it('lets go at the timeout and when aborted', async () => {
    const news = new DecisionNews();
    await news.wait(news.count, never, 1);
    const stop = new AbortController();
    const waiting = news.wait(news.count, stop.signal, LONG_MS);
    stop.abort();
    await waiting;
    assert.equal(news.count, 0);
  });
});
