/** `process.send` and `message` of a process that was forked. */
import type { EventEmitter } from 'node:events';
import type { SimProcess } from '../sim/index.ts';
import { CHANNEL_VARIABLE, Channel } from './child-process/channel.ts';
import type { Caller } from './script.ts';

/** Does nothing unless the process has a channel to its parent. As in Node, the channel keeps it alive while it listens for messages. */
export function addChannel(guest: EventEmitter, caller: Caller): void {
  const simulated = caller.process as SimProcess;
  const fd = Number(simulated.env[CHANNEL_VARIABLE]);
  if (!Number.isInteger(fd) || !simulated.fds.has(fd)) return;
  const channel = new Channel(caller, guest, fd, { isRef: false });
  Object.assign(guest, {
    send: (message: unknown, ...rest: unknown[]) => channel.send(message, ...rest),
    disconnect: () => channel.disconnect(),
  });
  const keeps = (): boolean => guest.listenerCount('message') + guest.listenerCount('disconnect') > 0;
  guest.on('newListener', (event: string | symbol) => {
    if (event === 'message' || event === 'disconnect') channel.ref();
  });
  guest.on('removeListener', (event: string | symbol) => {
    if ((event === 'message' || event === 'disconnect') && !keeps()) channel.unref();
  });
}
