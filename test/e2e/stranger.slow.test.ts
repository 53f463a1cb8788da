import { expect } from 'vitest';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

it.for([
  ['answers every request', 'response.end("hello")'],
  ['never answers', ''],
])(
  'a stranger on the TCP port that %s blocks all starts, and is left alone',
  async ([, answer], { arena }) => {
    const stranger = await arena.listen(answer);
    for (const name of ['first', 'second']) {
      const daemon = await arena.start(name);
      expect(await arena.endOf(daemon)).toMatchObject({ code: 69, signal: null });
    }
    expect(arena.judge()).toMatchObject({ holds: true });
    expect(arena.head()?.kind).toBe('free');
    expect(arena.names()).toEqual([`gen-${arena.newest()}`]);
    expect(stranger.ending).toBeNull();
    if (answer !== '') expect(await arena.ask('/')).toEqual({ status: 200, body: 'hello' });

    stranger.signal('SIGKILL');
    await arena.endOf(stranger);
    await arena.expectOneSurvivor(await arena.start('third'));
  },
);
