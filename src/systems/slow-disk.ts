import type { FsPort, Program } from '../ports/index.ts';

/** The same program on a disk that is slow for some operations: each begins so many simulated milliseconds late. */
export function onSlowDisk(program: Program, lateMs: number, ...names: (keyof FsPort)[]): Program {
  return (ports, argv) => {
    const { fs, clock } = ports;
    const slow = new Proxy(fs, {
      get(_, name: keyof FsPort) {
        const member: unknown = fs[name];
        if (typeof member !== 'function') return member;
        if (!names.includes(name)) return member.bind(fs);
        return (...args: unknown[]) => clock.sleep(lateMs).then(() => member.apply(fs, args));
      },
    });
    return program({ ...ports, fs: slow }, argv);
  };
}
