import { type Guard, guardsOf } from '../guard.ts';

export const GENERATIONS: readonly Guard[] = guardsOf('model/generations', [
  {
    guard: 'a number too high leaves no room',
    from: 'generation <= MAX_GENERATION &&',
    to: '',
    noticedBy: 'model/found/last-generation',
  },
  {
    guard: 'a token too high leaves no room',
    from: '&& (claim?.token ?? 0) <= MAX_TOKEN',
    to: '',
    noticedBy: 'model/found/last-token',
  },
  {
    guard: 'numbers from 1 and of fifteen digits',
    from: '/^gen-([1-9]\\d{0,14})$/',
    to: '/^gen-(.*)$/',
    noticedBy: 'model/found/dead-owner',
  },
  {
    guard: 'nothing around the name',
    from: '/^gen-([1-9]\\d{0,14})$/',
    to: '/gen-([1-9]\\d{0,14})/',
    noticedBy: 'model/found/dead-owner',
  },
  {
    guard: 'what cannot be opened is no claim',
    from: 'if (NO_CLAIM.some((code) => hasCode(error, code))) return null;',
    to: '',
    noticedBy: 'model/found/unreadable',
  },
  {
    guard: 'a symbolic link to nowhere is no claim',
    from: '(await this.#isSymlink(generation)) ? null :',
    to: '',
    noticedBy: 'model/found/dangling-link',
  },
  {
    guard: 'the highest number counts',
    from: 'return Math.max(0, ...(await this.list()));',
    to: 'return (await this.list())[0] ?? 0;',
    noticedBy: 'model/lock/cold-start',
  },
  {
    guard: 'no claim is overwritten',
    from: 'await this.#fs.link(temporary, this.#path(generation));',
    to: 'await this.#fs.rename(temporary, this.#path(generation));',
    noticedBy: 'model/lock/cold-start',
  },
  {
    guard: 'a claim is complete when it is visible',
    from: 'await this.#fs.link(temporary, this.#path(generation));',
    to: "await this.#fs.writeFile(this.#path(generation), formatClaim(claim), { flag: 'wx' });",
    noticedBy: 'model/found/free',
  },
  {
    guard: 'EEXIST: somebody else has it',
    from: "if (hasCode(error, 'EEXIST')) return false;",
    to: '',
    noticedBy: 'model/lock/cold-start',
  },
  {
    guard: 'temporary files are removed',
    from: '} finally { await this.#remove(temporary); }',
    to: '} finally { }',
    noticedBy: 'model/found/free',
  },
  {
    guard: 'a temporary file that somebody takes away is written again',
    from: "if (!hasCode(error, 'ENOENT') || attempt === MOST_ATTEMPTS) throw error;",
    to: 'throw error;',
    noticedBy: 'model/lock/lost-files',
  },
  {
    guard: 'only the newest is the head',
    from: 'if ((await this.newest()) !== generation) return false;',
    to: '',
    noticedBy: 'model/owner/stopped-owner',
  },
  {
    guard: 'only our own claim makes us the owner',
    from: '&& claim.nonce === nonce',
    to: '',
    noticedBy: 'model/found/usurped',
  },
  {
    guard: 'litter of the living stays',
    from: '|| !(await isGone({ pid: Number(pid), startTicks: Number(startTicks) }))) continue;',
    to: ') continue;',
    noticedBy: 'model/found/work-of-others',
  },
  {
    guard: 'only what begins as our names do is litter',
    from: 'const LITTER = /^',
    to: 'const LITTER = /',
    noticedBy: 'model/found/dead-owner',
  },
  {
    guard: 'only what ends as our names do is litter',
    from: '-[0-9a-f]+$/',
    to: '-/',
    noticedBy: 'model/found/dead-owner',
  },
  {
    guard: 'what is gone is removed',
    from: "!hasCode(error, 'ENOENT') &&",
    to: '',
    noticedBy: 'model/found/foreign-listener',
  },
  {
    guard: 'a directory is left alone',
    from: "&& !hasCode(error, 'EISDIR')",
    to: '',
    noticedBy: 'model/found/unreadable',
  },
]);
