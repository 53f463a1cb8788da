// A daemon with a PID file, as people write it.
const fs = require('node:fs');
const path = require('node:path');

const directory = path.join(process.env.HOME, '.daemon');
const pidFile = path.join(directory, 'daemon.pid');
const logFile = path.join(directory, 'daemon.log');

function log(message) {
  fs.appendFileSync(logFile, `${new Date().toISOString()} ${process.pid} ${message}\n`);
}

function isRunning() {
  if (!fs.existsSync(pidFile)) return false;
  const pid = Number(fs.readFileSync(pidFile, 'utf8'));
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    log(`${pid} is gone`);
    fs.unlinkSync(pidFile);
    return false;
  }
}

function stop() {
  log('stops');
  if (fs.existsSync(pidFile)) fs.unlinkSync(pidFile);
  process.exit(0);
}

fs.mkdirSync(directory, { recursive: true });
if (isRunning()) process.exit(0);
fs.writeFileSync(pidFile, String(process.pid));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
log('starts');
setTimeout(stop, 100);
