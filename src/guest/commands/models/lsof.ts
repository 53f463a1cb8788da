/** `lsof [-t] [-n] [-P] [-sTCP:LISTEN] -i[TCP]:PORT`: the processes that listen on a port. */
import type { Holder } from '../../../ports/index.ts';
import type { Model } from '../model.ts';

export const lsof: Model = async (shell) => {
  const { ports, args, out } = shell;
  let short = false;
  let tcpPort: number | null = null;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    const port = /^(?:-i|-i@?)?(?:4|6)?(?:@[\w.]+)?(?:TCP)?(?:@[\w.]+)?:(\d+)$/i.exec(word);
    if (port !== null) tcpPort = Number(port[1]);
    else if (word === '-i') continue;
    else if (/^-[tnP]+$/.test(word)) short ||= word.includes('t');
    else if (/^-[tnP]+i$/.test(word)) short ||= word.includes('t');
    else if (/^-[tnP]*i(?:TCP)?:\d+$/i.test(word)) {
      short ||= /^-\w*t/.test(word.split('i')[0]!);
      tcpPort = Number(word.split(':')[1]);
    } else if (!/^-sTCP:LISTEN$/i.test(word) && word !== '-w') shell.refuse(`the argument ${word}`);
  }
  if (tcpPort === null) return shell.refuse('only the listeners of a TCP port can be listed (-i :PORT)');
  const found = (await ports.probe.holders(tcpPort)).filter(
    (holder): holder is Holder & { pid: number } => holder.pid !== null,
  );
  if (found.length === 0) return 1;
  if (short) {
    await out([...new Set(found.map(({ pid }) => `${pid}\n`))].join(''));
    return 0;
  }
  const lines = ['COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME'];
  for (const { pid, uid, host } of found) {
    const { command } = await ports.process.info(pid).catch(() => ({ command: [''] }));
    const name = (command[0] ?? '').split('/').at(-1)!.slice(0, 9);
    const type = host.includes(':') ? 'IPv6' : 'IPv4';
    const at = ['0.0.0.0', '::'].includes(host) ? '*' : type === 'IPv6' ? `[${host}]` : host;
    lines.push(
      `${name} ${pid} ${uid === 0 ? 'root' : `user${uid}`} 20u ${type} 0 0t0 TCP ${at}:${tcpPort} (LISTEN)`,
    );
  }
  await out(`${lines.join('\n')}\n`);
  return 0;
};
