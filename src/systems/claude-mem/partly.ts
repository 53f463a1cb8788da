/** Fixes in part: each layer of #1085 alone, and fixes of other things. What they leave is what the other layers are for. */
import type { Scenario } from '../../scenario/index.ts';
import { type Member, scenariosOf, times } from '../vocabulary/index.ts';
import { hookBefore, SOON_MS, SPAWNS, unfixed } from './before.ts';
import * as must from './invariants.ts';
import { served } from './later.ts';
import { serverConnection } from './programs/chroma-server.ts';
import { withContext } from './programs/client.ts';
import { type Layer, layered } from './programs/layers.ts';
import { worker } from './programs/worker.ts';
import { CHROMA_MOOD } from './setup.ts';

/** Each layer of #1085 alone, against all that it has to do with. */
const alone = (layer: Layer, hooks: number): Member => ({
  programs: layered([layer], { syncEveryMs: SOON_MS }),
  start: [times(hooks, 'hook')],
  machine: { files: { [CHROMA_MOOD]: 'hangs' } },
});

const LAYERS_ALONE = scenariosOf('claude-mem/partly', unfixed, {
  'only-mutex': {
    ...alone('mutex', 2),
    about: 'the mutex alone: one launcher at a time, but two commands, and each search leaves a chroma-mcp',
    remedy: 'the connection, so that a search leaves nothing behind, and one command for each event',
    breaks: must.fewChromaProcesses,
  },
  'only-bind-loser-ends': {
    ...alone('bind-loser-ends', 2),
    about: 'only workers without the TCP port end: one is left, and each of its searches leaves a chroma-mcp',
    remedy: 'the connection, so that a search leaves nothing behind',
    breaks: must.fewChromaProcesses,
  },
  'only-one-command': {
    ...alone('one-command', 3),
    about: 'one command for each event alone: half as many workers, ever more chroma-mcp',
    remedy: 'the connection, and the mutex or workers that end',
    breaks: must.fewChromaProcesses,
  },
  'only-connection': {
    ...alone('connection', 3),
    about:
      'the connection alone: each worker has at most one chroma-mcp, but there is a worker for each hook',
    remedy: 'the mutex and one command, or workers that end',
    breaks: must.fewChromaProcesses,
  },
});

/** A fix of something else, made before #1085: the race between two hooks is as it was. */
const EARLIER_FIX = scenariosOf('claude-mem/partly', unfixed, {
  'context-at-once': {
    about: 'a hook gets its context without waiting (#959): two hooks at once still start two workers',
    remedy: 'the mutex',
    breaks: must.oneWorker,
    programs: { hook: withContext(hookBefore) },
    start: [times(2, 'hook')],
    invariants: [SPAWNS],
  },
});

const SERVER_ALONE = scenariosOf('claude-mem/partly', served, {
  'server-for-all': {
    about:
      'one database server for all (v10.0.7), and no layer at the worker: two hooks still start two workers',
    remedy: 'the mutex: the layers of the worker are needed as before',
    breaks: must.oneWorker,
    programs: {
      hook: hookBefore,
      worker: worker({ onPortTaken: 'goes-on', connection: serverConnection }),
    },
    start: [times(2, 'hook')],
    invariants: [must.oneServerInTheEnd],
  },
});

export const PARTLY: readonly Scenario[] = [...LAYERS_ALONE, ...EARLIER_FIX, ...SERVER_ALONE];
