/** Which exemptions count, and who declares one; each test fails without one condition of src/model/exemption.ts. */
import { describe, expect, it } from 'vitest';
import { Exempt, Exemption } from '../../src/model/exemption.ts';
import { childEnvironment, INHERITED_VARIABLE } from '../../src/model/index.ts';
import { ownFile } from '../../src/model/litter.ts';
import type { Ports } from '../../src/ports/index.ts';
import { DIRECTORY, FIRST, GONE, NONCE, run, SELF } from './helpers.ts';

const mine = (differs: Partial<typeof SELF> = {}) =>
  ownFile(DIRECTORY, 'exempt', { ...SELF, nonce: NONCE.slice(0, 8), ...differs });

/** Whether the first process, a sleeper, is exempt by this file. */
async function isExemptBy(path: string): Promise<unknown> {
  const { lines } = await run(
    async (ports, log) => {
      const sleeper = await ports.process.info(FIRST.pid);
      log(await (await Exempt.in(DIRECTORY, SELF, ports)).has(sleeper, ports));
    },
    { files: { [path]: '' } },
  );
  return lines[0];
}

describe('an exemption', () => {
  it('is that of the process which it names', async () => {
    expect(await isExemptBy(mine())).toBe(true);
    expect(await isExemptBy(mine({ startTicks: FIRST.startTicks + 1 }))).toBe(false);
  });

  it('says nothing about a process with the PID in another container, or of an earlier boot', async () => {
    expect(await isExemptBy(mine({ pidNamespace: 'pid:[2]' }))).toBe(false);
    expect(await isExemptBy(mine({ bootId: 'another' }))).toBe(false);
  });
});

/** As a process that has inherited a mark. */
function marked(ports: Ports, mark: string): Ports {
  const env: Ports['process']['env'] = async (_, name) => (name === INHERITED_VARIABLE ? mark : null);
  const process = new Proxy(ports.process, {
    get(of, name: keyof Ports['process']) {
      const member: unknown = name === 'env' ? env : of[name];
      return typeof member === 'function' ? member.bind(of) : member;
    },
  });
  return { ...ports, process };
}

/** The exemptions that are there when a process with a mark has declared its own. */
async function declaredWith(pidNamespace: string): Promise<unknown> {
  const { lines } = await run(
    async (ports, log) => {
      const mark = childEnvironment(DIRECTORY, { ...GONE, pidNamespace })[INHERITED_VARIABLE]!;
      await Exemption.declare(marked(ports, mark), DIRECTORY, SELF, SELF.ppid, NONCE);
      log(await ports.fs.readdir(DIRECTORY, { prefix: 'exempt-' }));
    },
    { files: { other: '' } },
  );
  return lines[0];
}

it('a process declares itself exempt from the mark of an owner whose PIDs it sees', async () => {
  expect(await declaredWith(SELF.pidNamespace)).toEqual([mine().slice(DIRECTORY.length + 1)]);
  // The owner there does not look into our PID namespace, and would not know our PID.
  expect(await declaredWith('pid:[2]')).toEqual([]);
});
