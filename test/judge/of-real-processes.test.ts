// What only a storm asks of the judgements: helpers and orphans are no survivors, and a fault is over when it has recovered.
import { describe, expect, it } from 'vitest';
import {
  commonOwner,
  judgementsOf,
  type Observation,
  replacedLeavesAlone,
  type SeenProcess,
  survivors,
} from '../../src/judge/index.ts';

function seen(name: string, of: Partial<SeenProcess> = {}): SeenProcess {
  return {
    ...{ name, pid: 10, state: 'running', foreign: false, startedBy: null, startedAtMs: 0 },
    ...{ endedBy: null, hasOwned: false },
    ...of,
  };
}

function observation(processes: readonly SeenProcess[], of: Partial<Observation> = {}): Observation {
  return {
    ...{ processes, owners: [], faults: 0, faultsForMs: 0, endsAtMs: 10_000 },
    listeningAt: () => [],
    namedIn: () => null,
    ...of,
  };
}

describe('survivors, without helpers', () => {
  const judgement = survivors(1, { countHelpers: false });

  it('counts a process and what it has started as one', () => {
    const owner = seen('start#1');
    const helper = seen('start#1.1', { startedBy: owner });
    expect(judgement.wrong(observation([owner, helper]))).toBeNull();
    expect(survivors(1).wrong(observation([owner, helper]))).toContain('2 processes are left');
  });

  it('counts what a start has left that has ended', () => {
    const start = seen('start#1', { state: 'ended' });
    const both = [seen('start#1.1', { startedBy: start }), seen('start#2')];
    expect(judgement.wrong(observation([start, ...both]))).toBe(
      '2 processes are left, start#1.1 and start#2; expected 1',
    );
  });

  it('does not count an orphan of an ended owner', () => {
    const owner = seen('start#1', { state: 'ended', hasOwned: true });
    const orphan = seen('start#1.1', { startedBy: owner });
    expect(judgement.wrong(observation([owner, orphan, seen('start#2')]))).toBeNull();
  });
});

describe('an owner that was replaced', () => {
  const { wrong } = replacedLeavesAlone();
  const successor = seen('start#2', { hasOwned: true });

  it('takes nothing from its successor', () => {
    expect(wrong(observation([successor], { owners: [successor] }))).toBeNull();
    expect(wrong(observation([successor]))).toBe('start#2 is left, and is not the owner any more');
    expect(wrong(observation([{ ...successor, state: 'ended' }]))).toBeNull();
  });
});

describe('what is judged of a command', () => {
  const command = {
    ...{ owner: { listensOn: { tcpPort: 1 } }, pidFile: '/x', expect: 1, settleMs: 30_000 },
    ...{ faults: { any: true, ofFiles: false }, countHelpers: false },
  };
  const recovery = (endsEarly: boolean) =>
    judgementsOf({ ...command, endsEarly }).find(({ judgement }) => judgement.name.includes('recovers'))!;

  it('means something as soon as a start has followed a fault, if it ends as soon as nothing is wrong', () => {
    const after = observation([seen('start#2', { startedAtMs: 120 })], { faults: 1, faultsForMs: 100 });
    expect(recovery(true).judgement.requires!.met(after)).toBe(true);
    expect(recovery(false).judgement.requires!.met(after)).toBe(false);
    // Without an owner it is wrong only when a start had time enough, in both.
    expect(recovery(true).judgement.wrong(after)).toBeNull();
    const late = observation([seen('start#2', { startedAtMs: 15_200 })], { faults: 1, faultsForMs: 100 });
    expect(recovery(true).judgement.wrong(late)).toBe('there is no owner');
  });

  it('has no comparison of the PID file where files may be lost, and no owner if it is not known', () => {
    const names = (of: Partial<typeof command> & { owner?: null }) =>
      judgementsOf({ ...command, endsEarly: true, ...of } as Parameters<typeof judgementsOf>[0]).map(
        ({ judgement }) => judgement.name,
      );
    expect(names({})).toContain('the one who answers is named in /x');
    expect(names({ faults: { any: true, ofFiles: true } })).not.toContain(
      'the one who answers is named in /x',
    );
    expect(names({ owner: null } as never)).toEqual(['exactly one process is left']);
  });
});

describe('how an owner is known', () => {
  it('is what two starts have in common: a port, else a socket, else a file', () => {
    const port = { tcpPort: 7 };
    const socket = { path: '/s' };
    const first = { endpoints: [socket, { tcpPort: 40_000 }, port], pidFiles: ['/a', '/b'] };
    const second = { endpoints: [{ tcpPort: 40_001 }, port, socket], pidFiles: ['/b'] };
    expect(commonOwner(first, second)).toEqual({ owner: { listensOn: port }, pidFile: '/b' });
    expect(commonOwner(first, { ...second, endpoints: [socket] }).owner).toEqual({ listensOn: socket });
    expect(commonOwner(first, { ...second, endpoints: [] }).owner).toEqual({ isNamedIn: '/b' });
    expect(commonOwner(first, { endpoints: [], pidFiles: [] })).toEqual({ owner: null, pidFile: null });
  });
});
