// A client and a server of node:http, and fetch, which do what a script says.
const http = require('node:http');
const dns = require('node:dns');
const { setImmediate: turn } = require('node:timers/promises');

const TURNS = 12;
const log = (who, what) => console.log(`${who}: ${what}`);
const shown = (error) => {
  if (!error) return String(error);
  const { name, message, code, syscall, cause } = error;
  return JSON.stringify({ name, message, code, syscall, ...(cause && { cause: shown(cause) }) }).replace(
    /:\d{4,}/g,
    ':P',
  );
};
const hidden = (headers) =>
  JSON.stringify(headers)
    .replace(/"date":"[^"]*"/, '"date":"D"')
    .replace(/:\d{4,}/g, ':P');

const answers = {
  plain: (_, response) => response.end('hello'),
  json: (_, response) => response.writeHead(201, { 'Content-Type': 'application/json' }).end('{"a":1}'),
  chunks: (_, response) => {
    response.write('one');
    response.write('two');
    setTimeout(() => response.end('three'), 1);
  },
  empty: (_, response) => response.writeHead(204).end(),
  large: (_, response) => response.end('x'.repeat(200_000)),
  echo: (request, response) => request.pipe(response),
  headers: (request, response) => response.end(hidden(request.headers)),
  destroy: (request) => request.socket.destroy(),
  half: (request, response) => {
    response.writeHead(200, { 'Content-Length': 100 }).write('only this');
    setTimeout(() => request.socket.destroy(), 1);
  },
  close: (_, response) => response.setHeader('Connection', 'close').end('bye'),
  redirect: (_, response) => response.writeHead(302, { Location: '/plain' }).end(),
  continue: (request, response) => request.resume().on('end', () => response.end('had it')),
};

function ask(port, { path, method, body, agent, header }) {
  return new Promise((resolve) => {
    const headers = {
      ...(header && { 'X-Own': 'yes' }),
      ...(body !== undefined && header && { 'Content-Length': Buffer.byteLength(body) }),
    };
    const request = http.request(
      { port, host: '127.0.0.1', path: `/${path}`, method, agent, headers },
      (response) => {
        const { statusCode, statusMessage, httpVersion } = response;
        log('client', `${statusCode} ${statusMessage} ${httpVersion} ${hidden(response.headers)}`);
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () =>
          log('client', `end ${text.length > 200 ? text.length : text} ${response.complete}`),
        );
        response.on('error', (error) => log('client', `response error ${shown(error)}`));
        response.on('close', () => log('client', 'response close'));
      },
    );
    request.on('error', (error) => log('client', `error ${shown(error)}`));
    request.on('finish', () => log('client', 'finish'));
    request.on('socket', () => log('client', `socket reused ${request.reusedSocket}`));
    request.on('close', () => {
      log('client', 'close');
      resolve();
    });
    if (body === undefined) request.end();
    else {
      request.write(body.slice(0, 2));
      request.end(body.slice(2));
    }
  });
}

async function fetched(port, { path, method, body }) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
      method,
      ...(body !== undefined && method !== 'GET' && { body }),
    });
    const { status, statusText, ok, redirected } = response;
    log(
      'fetch',
      `${status} ${statusText} ${ok} ${redirected} ${new URL(response.url).pathname} ${response.headers.get('content-type')}`,
    );
    const text = await response.text();
    if (path !== 'headers') log('fetch', text.length > 200 ? text.length : text);
    else log('fetch', JSON.parse(text.replaceAll('\\"', '"'))['content-length']);
  } catch (error) {
    log('fetch', shown(error));
  }
}

async function play(name, script) {
  console.log(`== ${name}`);
  const server = http.createServer((request, response) => {
    const path = request.url.slice(1);
    log('server', `${request.method} ${request.url} ${request.httpVersion}`);
    response.on('finish', () => log('server', 'finish'));
    response.on('close', () => log('server', `close ${response.writableFinished}`));
    request.on('error', (error) => log('server', `request error ${shown(error)}`));
    (answers[path] ?? answers.plain)(request, response);
  });
  server.keepAliveTimeout = 0;
  // How many connections fetch keeps is not compared.
  let isFetching = false;
  server.on('connection', () => isFetching || log('listener', 'connection'));
  server.on('clientError', (error, socket) => {
    log('listener', `clientError ${error.code}`);
    socket.destroy();
  });
  server.on('close', () => log('listener', 'close'));
  server.on('upgrade', (request, socket, head) => {
    log('server', `upgrade ${request.headers.upgrade} ${head.length}`);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: bytes\r\nConnection: Upgrade\r\n\r\n');
    socket.on('data', (data) => socket.end(`got ${data}`));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const agent = script.keepAlive ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
  for (const [at, step] of script.steps.entries()) {
    console.log(`== ${name} ${at} ${step.how} ${step.path}`);
    isFetching = step.how === 'fetch';
    if (isFetching) await fetched(port, step);
    else if (step.how === 'upgrade') {
      await new Promise((resolve) => {
        const request = http.get({
          port,
          host: '127.0.0.1',
          headers: { Connection: 'Upgrade', Upgrade: 'bytes' },
          agent: false,
        });
        request.on('upgrade', (response, socket, head) => {
          log('client', `upgraded ${response.statusCode} ${head.length}`);
          socket.on('data', (data) => log('client', `data ${data}`));
          socket.on('close', resolve);
          socket.write('bytes');
        });
        request.on('error', (error) => {
          log('client', shown(error));
          resolve();
        });
      });
    } else await ask(port, { ...step, agent });
    for (let i = 0; i < TURNS; i++) await turn();
  }
  console.log(`== ${name} over`);
  if (agent) agent.destroy();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
  console.log(`== ${name} refused`);
  await ask(port, { path: 'plain', method: 'GET', agent: false });
}

async function main() {
  for (const [at, script] of JSON.parse(process.argv[2]).entries()) await play(String(at), script);
  console.log('== dns');
  for (const host of ['127.0.0.1', '::1'])
    await new Promise((resolve) =>
      dns.lookup(host, (error, address, family) => {
        log('dns', `${shown(error)} ${address} ${family}`);
        resolve();
      }),
    );
  log('dns', JSON.stringify(await dns.promises.lookup('127.0.0.1', { all: true })));
}

main().then(() => console.log('== end'));
