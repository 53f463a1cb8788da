/** The table of mcporter's pull request #195, and what it says about stopped daemons and lost metadata. */
import { parseStatus } from '../../model/index.ts';
import type { Seen, Site } from '../../real/confined/index.ts';
import type { RealProcess } from '../../real/index.ts';
import { COLD_STARTS, STARTS } from '../../systems/mcporter/constants.ts';
import { CONFIGURED, METADATA } from '../../systems/mcporter/setup.ts';
import { exitCodesOf, hasMarked, killsIn, msUntilMark, seconds } from '../looks.ts';
import type { Measured, Row, RowVariant, Table, VariantName } from '../table.ts';
import { OURS_QUICK, PROGRAMS } from './programs.ts';

const exactly =
  (...values: string[]) =>
  (value: string): boolean =>
    values.includes(value);

function variants(
  differs: Readonly<Record<VariantName, Omit<RowVariant, 'programs'>>>,
): Readonly<Record<VariantName, RowVariant>> {
  const { before, after, ours } = differs;
  return {
    before: { ...before, programs: PROGRAMS.before },
    after: { ...after, programs: PROGRAMS.after },
    ours: { ...ours, programs: PROGRAMS.ours },
  };
}

const ONE = { expects: 'none', document: null } as const;

/** It owns, and is ready to be asked to stop: its metadata are written before. */
function isUp(site: Site, host: Seen | RealProcess): boolean {
  return (
    hasMarked(site, host, 'own') &&
    (site.traceOf(host)?.lines.some(({ op, args }) => op === 'sigaction' && args.signal === 'SIGTERM') ??
      false)
  );
}

/** All starts have ended or own, and no process that they have started is on its way. */
function hasSettled(site: Site): boolean {
  return site.alive().every((process) => process.command[0] === 'host' && isUp(site, process));
}

function running(site: Site): Seen[] {
  return site.alive('host').filter(({ state }) => state === 'running');
}

async function upFrom(site: Site): Promise<RealProcess> {
  const host = await site.start('host');
  await site.until('the first daemon serves', () => isUp(site, host));
  return host;
}

function countDaemons(site: Site): Measured {
  const { length } = running(site);
  return {
    value: `${length}`,
    fault: length > 1 ? `${length} daemons` : null,
    ...(length === 0 && { failed: true }),
    survivors: length,
    orphans: Math.max(0, length - 1),
    exitCodes: exitCodesOf(site, 'host'),
  };
}

function starts(program: string, how: 'startAtOnce' | 'startInTurn') {
  return async (site: Site, starts: number): Promise<Measured> => {
    await site[how](starts, program);
    await site.until('all starts have ended or serve', () => hasSettled(site));
    const measured = countDaemons(site);
    if (program === 'host') return { ...measured, refused: starts - running(site).length };
    const codes = exitCodesOf(site, program);
    const unserved = starts - (codes[0] ?? 0);
    if (unserved === 0) return { ...measured, exitCodes: codes };
    return { ...measured, fault: `${unserved} starts were not served`, exitCodes: codes };
  };
}

const ROWS: readonly Omit<Row, 'files'>[] = [
  {
    name: 'foreground-x2',
    about: 'daemon start --foreground & daemon start --foreground &: daemons left',
    starts: 2,
    variants: variants({
      before: { document: '2', agrees: exactly('2'), expects: 'fault' },
      after: { document: '1', agrees: exactly('1'), expects: 'none' },
      ours: ONE,
    }),
    run: starts('host', 'startInTurn'),
  },
  {
    name: 'foreground-x5',
    about: 'daemon start --foreground, 5 at once: daemons left',
    starts: STARTS,
    variants: variants({
      before: { document: '2 every trial', agrees: exactly('2'), expects: 'fault' },
      after: { document: '1 every trial', agrees: exactly('1'), expects: 'none' },
      ours: ONE,
    }),
    run: starts('host', 'startAtOnce'),
  },
  {
    name: 'detached-x5',
    about: 'daemon start, 5 at once: daemons left',
    starts: STARTS,
    variants: variants({
      before: { document: 'up to 3', agrees: exactly('1', '2', '3'), expects: 'fault' },
      after: { document: '1 every trial', agrees: exactly('1'), expects: 'none' },
      ours: ONE,
    }),
    run: starts('detached', 'startAtOnce'),
  },
  {
    name: 'cold-start-x10',
    about: 'mcporter list, 10 at once: daemons left',
    starts: COLD_STARTS,
    variants: variants({
      before: { document: '1', agrees: exactly('1'), expects: 'none' },
      after: { document: '1', agrees: exactly('1'), expects: 'none' },
      ours: ONE,
    }),
    run: starts('client', 'startAtOnce'),
  },
  {
    name: 'frozen-daemon',
    about: 'a daemon is stopped (SIGSTOP): until the next start has taken its place',
    variants: {
      ...variants({
        // It takes the socket without a look.
        before: { document: null, expects: 'none' },
        after: { document: 'about 2 s', agrees: (value) => /^(1\.9|2\.\d) s$/.test(value), expects: 'none' },
        ours: ONE,
      }),
      ours: { ...ONE, programs: OURS_QUICK },
    },
    async run(site) {
      const frozen = await upFrom(site);
      const next = await site.prepare('host');
      frozen.signal('SIGSTOP');
      next.go();
      await site.until('the next start serves or has ended', () => next.ending !== null || isUp(site, next));
      const tookMs = msUntilMark(site, next, 'own');
      const client = await site.start('client');
      await site.until('the client has ended', () => client.ending !== null);
      const served = client.ending?.code === 0;
      const { survivors, exitCodes } = countDaemons(site);
      return {
        value: tookMs === null ? 'never' : seconds(tookMs),
        fault: tookMs === null || !served ? 'the stopped daemon is not replaced' : null,
        ...(survivors !== undefined && { survivors }),
        exitCodes: exitCodes ?? {},
        numbers: { tookMs: Math.round(tookMs ?? -1) },
      };
    },
  },
  {
    name: 'lost-metadata',
    about: 'the metadata of a live daemon are lost, another start: daemons left, and what the start does',
    variants: variants({
      before: { document: null, expects: 'fault' },
      after: { document: '1, reconciled, exits', agrees: exactly('1, reconciled, exits 0'), expects: 'none' },
      ours: ONE,
    }),
    async run(site) {
      const live = await upFrom(site);
      site.remove(METADATA);
      const next = await site.start('host');
      await site.until('the next start has ended or serves', () => next.ending !== null || isUp(site, next));
      const client = await site.start('client');
      await site.until('the client has ended', () => client.ending !== null);
      const { pid } = parseStatus(site.read(METADATA) ?? '') ?? {};
      const measured = countDaemons(site);
      const what = next.ending === null ? 'rebinds' : `exits ${next.ending.code ?? next.ending.signal}`;
      const metadata = pid === live.pid ? 'reconciled, ' : '';
      const stranded = client.ending?.code === 0 ? null : 'a client is stranded';
      const signalled = killsIn(site.traceOf(next)).length;
      return {
        ...measured,
        value: `${measured.value}, ${metadata}${what}`,
        fault: measured.fault ?? stranded,
        numbers: { signalled },
      };
    },
  },
];

export const TABLE: Table = {
  system: 'mcporter',
  tcpPorts: [],
  rows: ROWS.map((row) => ({ ...row, files: CONFIGURED })),
  notes: [
    'the document’s numbers are of macOS; how many of several starts bind before the next one unlinks is a matter of scheduling',
    'x5 and x10 start at the same moment, from a leash; x2 as a shell starts them',
    '“after” is #195 with its follow-ups: lost metadata are restored, where #195 alone takes the place of the daemon',
  ],
};
