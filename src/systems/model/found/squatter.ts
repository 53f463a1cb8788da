import { healthBody } from '../../../model/index.ts';
import { type Answer, isSystemError, type Ports, type Program } from '../../../ports/index.ts';
import { ENDPOINT } from '../setup.ts';
import { NONCE } from './setup.ts';

/** Serves at the endpoint whatever is asked, with one answer after the other. */
async function answerInTurn({ net }: Ports, answers: readonly Answer[]): Promise<never> {
  const listener = await net.listen(ENDPOINT);
  for (let turn = 0; ; turn++) {
    const { request } = await net.accept(listener);
    try {
      await net.answer(request, answers[turn % answers.length]!);
    } catch (error) {
      // Whoever asked has gone.
      if (!isSystemError(error)) throw error;
    }
  }
}

/** None of them says who answers. */
const NONSENSE: readonly Answer[] = [
  { status: 200, body: '{}' },
  { status: 200, body: 'null' },
  { status: 200, body: '{"nonce":' },
  { status: 200, body: '{"nonce":7}' },
  { status: 503, body: healthBody(NONCE) },
];

/** Listens where the owner wants to serve, and answers like no owner. */
export const squatter: Program = (ports) => answerInTurn(ports, NONSENSE);
