/** Which ways of writing a host this machine reads as the simulated one does; it may have no IPv6, or another localhost. */
import dns from 'node:dns/promises';
import net from 'node:net';
import type { Script, Step } from './script.ts';

/** Exchanges hosts that mean something else here for one that means the same everywhere. */
export async function adaptation(): Promise<(script: Script) => Script> {
  const here = await dns.lookup('localhost', { all: true });
  const isLocalhost = here.every(({ address }) => address === '127.0.0.1');
  const hasIpv6 = await listensOn('::1');
  const means = (host: string): boolean =>
    host === 'localhost' ? isLocalhost : hasIpv6 || !host.includes(':');
  if (isLocalhost && hasIpv6) return (script) => script;
  const adapt = (step: Step): Step => {
    const { command } = step;
    const { op } = command;
    if (op !== 'listen' && op !== 'connect' && op !== 'request') return step;
    if ('path' in command.to || means(command.to.host)) return step;
    return { ...step, command: { ...command, to: { ...command.to, host: '127.0.0.1' } } };
  };
  return ({ users, steps }) => ({ users, steps: steps.map(adapt) });
}

function listensOn(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port: 0 }, () => server.close(() => resolve(true)));
  });
}
