import { describe, expect, test } from 'vitest';
import corpus from '../../fixtures/tokens.json' with { type: 'json' };
import { replay } from '../../src/check/index.ts';
import { recordScript } from '../../src/lockstep/record/recorder.ts';
import { answersOnly, refusalOf } from '../../src/lockstep/refusals.ts';
import type { ScriptEvent } from '../../src/lockstep/script.ts';
import { decodeToken } from '../../src/schedule/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { builtInScenario } from '../../src/systems/one.ts';

const ALL_PERMITTED = { ownPids: true, ownNetwork: true, otherUsers: true };

function recorded(id: string) {
  const { token } = corpus.find(({ scenario }) => scenario === id)!;
  const scenario = SCENARIOS.find((each) => each.id === id)!;
  return { token, scenario, schedule: decodeToken(token).schedule };
}

async function scriptOf(id: string) {
  const { scenario, schedule } = recorded(id);
  return { scenario, ...(await recordScript(scenario, schedule)) };
}

describe('recording a run', () => {
  test.each([
    ...['model/naive/cold-start', 'faults/unguarded/pid-reuse', 'faults/unguarded/lost-probe'],
    ...['openchrome/before/orphans', 'mcporter/after/stop-then-start', 'faults/unguarded/reboot'],
  ])('changes nothing: %s', async (id) => {
    const { token, scenario, schedule } = recorded(id);
    const { traceHash, failure } = await recordScript(scenario, schedule);
    const again = await replay(token, () => scenario);
    expect(traceHash).toBe(again.traceHash);
    expect(failure?.invariant).toBe(again.failure?.invariant);
  });

  test('has each process begin, ask, perform and learn, in this order', async () => {
    const { script } = await scriptOf('model/naive/cold-start');
    const of = (name: string) =>
      script.events.flatMap((event) => ('process' in event && event.process === name ? [event.kind] : []));
    expect(of('worker#1').slice(0, 6)).toEqual(['start', 'begin', 'ask', 'perform', 'deliver', 'ask']);
    expect(script.events.at(-1)!.step).toBeLessThanOrEqual(script.steps);
  });

  test('has the files after each change, and only then', async () => {
    const { script } = await scriptOf('model/naive/cold-start');
    const changed = script.events.filter((event) => 'tree' in event && event.tree !== undefined);
    expect(changed.length).toBeGreaterThan(0);
    const last = changed.at(-1) as Extract<ScriptEvent, { kind: 'perform' }>;
    expect(last.tree).toEqual(script.after);
    expect(script.before).not.toEqual(script.after);
  });

  test('names the running servers that a request can reach', async () => {
    const { script } = await scriptOf('mcporter/before/launchd');
    const requests = script.events.filter(
      (event) => event.kind === 'perform' && event.operation.op === 'request' && 'waits' in event.result,
    );
    expect(requests).toMatchObject([{ servers: [expect.stringMatching(/#/)] }, {}].slice(0, requests.length));
    expect(requests.length).toBeGreaterThan(0);
  });

  test('survives JSON: a coordinator is another process', async () => {
    const { script } = await scriptOf('faults/unguarded/stop');
    expect(JSON.parse(JSON.stringify(script))).toEqual(script);
  });
});

describe('what is refused', () => {
  const refusal = async (id: string, permitted: Partial<typeof ALL_PERMITTED> = {}) => {
    const { scenario, script, run } = await scriptOf(id);
    return refusalOf(scenario, script, run, { ...ALL_PERMITTED, ...permitted });
  };

  test('a power cut and a subreaper, everywhere', async () => {
    expect(await refusal('faults/unguarded/power-cut')).toContain('power cut');
    expect(await refusal('closedloop/after/subreaper')).toContain('prctl(2)');
  });

  test('the reuse of a PID, only without a PID namespace', async () => {
    expect(await refusal('faults/unguarded/pid-reuse')).toBeNull();
    expect(await refusal('faults/unguarded/pid-reuse', { ownPids: false })).toContain('PID namespace');
  });

  test('other users, only if we are not root', async () => {
    expect(await refusal('orchestrator/after/eperm-is-dead')).toBeNull();
    expect(await refusal('orchestrator/after/eperm-is-dead', { otherUsers: false })).toContain('root only');
  });

  test('containers, only without a PID namespace', async () => {
    expect(await refusal('orchestrator/after/zombie')).toBeNull();
    expect(await refusal('orchestrator/after/zombie', { ownPids: false })).toContain('container');
  });

  test('a listener on all addresses, only without a network namespace', async () => {
    expect(await refusal('closedloop/before/loopback-only')).toBeNull();
    expect(await refusal('closedloop/before/loopback-only', { ownNetwork: false })).toContain(
      'network namespace',
    );
  });
});

test('faults that exist only in answers are named', async () => {
  const faults = async (id: string) => answersOnly((await scriptOf(id)).script);
  expect(await faults('faults/unguarded/clock-jump')).toEqual(['clock-jump']);
  expect(await faults('faults/unguarded/eio')).toEqual(['eio']);
  expect(await faults('faults/unguarded/reboot')).toEqual(['the new boot ID of a reboot']);
  expect(await faults('faults/unguarded/kill')).toEqual([]);
  expect(await faults('faults/unguarded/tear-state')).toEqual([]);
});

test('each built-in scenario is found without loading all systems', async () => {
  for (const scenario of SCENARIOS) expect(await builtInScenario(scenario.id)).toBe(scenario);
  expect(await builtInScenario('model/naive/none')).toBeUndefined();
  expect(await builtInScenario('none')).toBeUndefined();
  const bounded = await builtInScenario('model/naive/cold-start+contenders=2+crashes=1');
  expect(bounded?.id).toBe('model/naive/cold-start+contenders=2+crashes=1');
});
