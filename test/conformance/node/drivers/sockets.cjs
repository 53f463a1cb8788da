// A client and a server of node:net, which do what a script says.
const net = require('node:net');
const { setImmediate: turn } = require('node:timers/promises');

/** So many turns of the event loop after each step: everything on the loopback has arrived by then. */
const TURNS = 12;

const log = (who, what) => console.log(`${who}: ${what}`);
const shown = (error) => {
  if (!error) return String(error);
  const { message, code, errno, syscall, address, port } = error;
  const text = JSON.stringify({ message, code, errno, syscall, address, port });
  return text.replace(/"port":(\d{4,})/, '"port":"P"').replace(/:\d{4,}/g, ':P');
};

function watch(who, socket) {
  for (const event of ['connect', 'ready', 'end', 'finish', 'drain', 'timeout', 'lookup'])
    socket.on(event, () => log(who, event));
  socket.on('close', (hadError) => log(who, `close ${hadError}`));
  socket.on('error', (error) => log(who, `error ${shown(error)}`));
}

/** Chunks that arrive together may come in one piece or in several. */
function reads(who, socket, parts) {
  socket.on('data', (chunk) =>
    parts[who].push(chunk.length > 40 ? `${chunk.length} bytes` : chunk.toString('latin1')),
  );
}

const does = {
  write: (socket, who, text = 'abc') =>
    log(who, `write ${socket.write(text, (error) => log(who, `written ${shown(error)}`))}`),
  end: (socket, who, text) => socket.end(text, () => log(who, 'ended')),
  destroy: (socket) => socket.destroy(),
  destroyError: (socket) => socket.destroy(new Error('mine')),
  destroySoon: (socket) => socket.destroySoon(),
  pause: (socket) => socket.pause(),
  resume: (socket) => socket.resume(),
  cork: (socket) => socket.cork(),
  uncork: (socket) => socket.uncork(),
  state: (socket, who) =>
    log(
      who,
      `state ${socket.readyState} ${socket.destroyed} ${socket.bytesRead} ${socket.bytesWritten} ${socket.pending} ${socket.connecting}`,
    ),
  names: (socket, who) =>
    log(
      who,
      `names ${[socket.remoteAddress, socket.remoteFamily, socket.localAddress, socket.localFamily, typeof socket.localPort]}`,
    ),
  ends: (socket, who) =>
    log(
      who,
      `ends ${socket.readableEnded} ${socket.writableEnded} ${socket.writableFinished} ${socket.allowHalfOpen}`,
    ),
  unref: (socket) => socket.unref(),
  ref: (socket) => socket.ref(),
  noDelay: (socket) => socket.setNoDelay(true).setKeepAlive(true, 10),
};
const tcpOnly = { reset: (socket) => socket.resetAndDestroy() };

async function settle(parts) {
  for (let i = 0; i < TURNS; i++) await turn();
  for (const who of Object.keys(parts))
    if (parts[who].length > 0) log(who, `data ${parts[who].splice(0).join('')}`);
}

async function play(name, { unix, halfOpenServer, halfOpenClient, form, steps }) {
  console.log(`== ${name}`);
  const parts = { client: [], server: [] };
  let accepted = null;
  const server = net.createServer({ allowHalfOpen: halfOpenServer }, (socket) => {
    accepted = socket;
    log('listener', 'connection');
    watch('server', socket);
    reads('server', socket, parts);
  });
  server.on('listening', () => log('listener', 'listening'));
  server.on('close', () => log('listener', 'close'));
  server.on('error', (error) => log('listener', `error ${shown(error)}`));
  const path = `./s${name.replace(/\W/g, '')}`;
  const listens = new Promise((resolve) => server.once('listening', resolve).once('error', resolve));
  if (unix) server.listen(form % 2 ? { path, backlog: 5 } : path);
  else if (form === 0) server.listen(0);
  else if (form === 1) server.listen({ port: 0, host: '127.0.0.1' });
  else server.listen(0, '127.0.0.1', 5, () => log('listener', 'callback'));
  log('listener', `address ${typeof server.address()} ${server.listening}`);
  await listens;
  const address = server.address();
  log('listener', `address ${unix ? address : [address.address, address.family, typeof address.port]}`);
  const where = unix ? { path } : { port: address.port, host: '127.0.0.1' };
  const client = net.connect({ ...where, allowHalfOpen: halfOpenClient }, () => log('client', 'callback'));
  watch('client', client);
  reads('client', client, parts);
  // A Unix connection that is reset before its client learns of it fails otherwise: see docs/fidelity.md.
  if (form !== 2 || unix) await settle(parts);
  for (const [who, what, argument] of steps) {
    console.log(`== ${name} ${who} ${what} ${argument ?? ''}`);
    if (who === 'listener') {
      if (what === 'close') server.close((error) => log('listener', `closed ${shown(error)}`));
      if (what === 'connections')
        server.getConnections((_, count) => log('listener', `connections ${count}`));
      if (what === 'listening') log('listener', `${server.listening} ${server.address() === null}`);
      if (what === 'again') {
        try {
          server.listen(unix ? path : 0);
        } catch (error) {
          log('listener', `throws ${error.code}`);
        }
      }
      if (what === 'clash') {
        const other = net.createServer();
        other.on('error', (error) => log('other', `error ${shown(error)}`));
        other.listen(unix ? path : { port: address.port, host: '127.0.0.1' }, () => other.close());
      }
    } else {
      const socket = who === 'client' ? client : accepted;
      const act = does[what] ?? (unix ? does.state : tcpOnly[what]);
      if (socket !== null) act(socket, who, argument);
    }
    if (argument !== 'at once') await settle(parts);
  }
  console.log(`== ${name} over`);
  client.destroy();
  accepted?.destroy();
  await settle(parts);
  if (server.listening) await new Promise((resolve) => server.close(resolve));
  await settle(parts);
}

async function main() {
  const scripts = JSON.parse(process.argv[2]);
  for (const [at, script] of scripts.entries()) await play(String(at), script);
  for (const options of [{ port: 1, host: '127.0.0.1' }, { path: './none' }]) {
    console.log(`== refused ${options.path}`);
    const client = net.connect(options);
    watch('client', client);
    client.write('x', (error) => log('client', `written ${shown(error)}`));
    await new Promise((resolve) => client.once('close', resolve));
  }
}

main().then(() => console.log('== end'));
