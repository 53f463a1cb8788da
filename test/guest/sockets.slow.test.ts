/** `node:net` of simulated processes: the same programs run here and under Node, and print the same. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, it } from 'vitest';
import { expectAlike } from './alike.ts';
import { writeFiles } from './files.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'sockets-')));
afterAll(() => rmSync(folder, { recursive: true }));

const alike = (text: string): Promise<string[]> =>
  expectAlike(
    path.join(writeFiles(folder, { 'main.js': `const net = require('node:net');\n${text}` }), 'main.js'),
  );

it('a connection, from looking up a name to its end', async () => {
  await alike(`
const server = net.createServer((socket) => socket.on('data', (data) => socket.end('echo ' + data)));
server.listen(0, () => {
  const socket = net.connect({ port: server.address().port });
  console.log(socket.connecting, socket.readyState, socket.pending, socket.remoteAddress, socket.timeout);
  socket.on('lookup', (...args) => console.log('lookup', ...args));
  socket.on('connectionAttempt', (host, port, family) => console.log('attempt', host, family));
  socket.on('connect', () => { console.log(socket.remoteAddress, socket.remoteFamily, socket.readyState, socket.timeout); socket.write('hi'); });
  socket.on('data', (data) => console.log(String(data), socket.bytesRead, socket.bytesWritten));
  for (const event of ['ready', 'end', 'finish']) socket.on(event, () => console.log(event));
  socket.on('close', (failed) => {
    console.log('close', failed, socket.readyState, socket.remoteAddress, socket.localAddress);
    server.close((error) => { console.log(error); server.close((again) => console.log(again.code)); });
  });
});`);
});

it('a socket that was closed is connected again', async () => {
  await alike(`
const server = net.createServer((socket) => { socket.end('hi'); socket.resume(); });
const socket = new net.Socket();
let closed = 0;
socket.on('connect', () => console.log(socket.destroyed, socket.readyState, socket.bytesRead));
socket.on('data', (data) => console.log(String(data)));
socket.on('end', () => console.log('end'));
socket.on('error', (error) => console.log(error.code));
socket.on('close', (failed) => {
  console.log('close', failed);
  if (closed++ === 2) server.close();
  else socket.connect(port, '127.0.0.1');
});
let port;
server.listen(0, '127.0.0.1', () => { port = server.address().port; socket.connect(1, '127.0.0.1'); });`);
});

it('a write that is interrupted by destroy reports no failure', async () => {
  await alike(`
const server = net.createServer((socket) => socket.pause());
server.listen(0, '127.0.0.1', () => {
  const socket = net.connect(server.address().port, '127.0.0.1', () => {
    socket.write(Buffer.alloc(2e7), (error) => console.log('first', error?.code));
    socket.write('more', (error) => console.log('second', error?.code));
    setTimeout(() => socket.destroy(), 50);
  });
  socket.on('error', (error) => console.log('error', error.code));
  socket.on('close', (failed) => { console.log('close', failed); process.exit(); });
});`);
});

it('listen refuses what it does not understand', async () => {
  await alike(`
for (const options of [{}, { host: '127.0.0.1' }, { port: true }, { port: -1 }])
  try { net.createServer().listen(options); } catch (error) { console.log(error.code, error.message); }`);
});
