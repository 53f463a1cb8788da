/**
 * A round of a storm: reads what it is to do from its standard input, in one line, and writes what came of it to its standard output. It
 * runs in the namespaces of the round. When its input ends, the storm has ended: it ends all that it has started, and itself.
 */
import { rmSync } from 'node:fs';
import { messageOf } from '../ports/message-of.ts';
import { baseline } from '../storm/baseline.ts';
import { Episode } from '../storm/episode.ts';
import type { Answer, Order } from '../storm/order.ts';
import type { Round } from '../storm/round.ts';

let round: Round | null = null;
let order: Order | null = null;
let text = '';

process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk: string) => {
  text += chunk;
  const end = text.indexOf('\n');
  if (end < 0 || order !== null) return;
  order = JSON.parse(text.slice(0, end)) as Order;
  run(order).then(answer, (error: unknown) => answer({ failed: messageOf(error) }));
});
process.stdin.on('end', () => {
  round?.stop();
  round?.endNow();
  // Without files of its own, the round is the only one left to do it.
  if (order !== null && round?.hasFiles !== true) rmSync(order.directory, { recursive: true, force: true });
  process.exit(1);
});

async function run(wanted: Order): Promise<Answer> {
  const onRound = (begun: Round): void => {
    round = begun;
  };
  if (wanted.kind === 'baseline') return { baseline: await baseline(wanted, onRound) };
  const episode = new Episode(wanted);
  onRound(episode.round);
  return { episode: await episode.run() };
}

function answer(what: Answer): void {
  process.stdout.write(`${JSON.stringify(what)}\n`, () => process.exit(0));
}
