/** A program that has the connection of our worker and nothing else. */
import type { Program } from '../../../ports/index.ts';
import { BREAKER } from '../constants.ts';
import { CHROMA_MOOD } from '../setup.ts';
import { OwnConnection } from './connection.ts';

/** Searches while chroma-mcp fails, a minute later, and a minute after it is well again. */
export const searcher: Program = async (ports) => {
  const { clock, fs, mark } = ports;
  const connection = new OwnConnection(ports, 'searcher', async (deed) => {
    await deed();
    return true;
  });
  for (const mood of ['fails', 'fails', 'well']) {
    if (mood === 'well') await fs.unlink(CHROMA_MOOD);
    for (let i = 0; i < 5; i++) {
      mark((await connection.search()) ? 'found' : 'not-found');
      await clock.sleep(500);
    }
    if (mood !== 'well') await clock.sleep(BREAKER.cooldownMs);
  }
  await connection.close();
};
