/** Which Nix a daemon on this machine is: the beginning of the worker protocol says it. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

type Environment = Readonly<Record<string, string | undefined>>;

/** How long it may take to say its version, in milliseconds. */
const PATIENCE = 2000;

/**
 * Connects and says hello: numbers are 64 bits, little endian; the answer is a magic number, the daemon's
 * protocol (1.37 is what we say we speak), and from 1.33 on its release as a string with its length in
 * front. Older ones are before Nix 2.8.
 */
const HELLO = `
const numbers = (...all) => Buffer.from(new BigUint64Array(all.map(BigInt)).buffer);
const socket = require("node:net").connect(process.argv[1]);
let answer = Buffer.alloc(0);
let isKnown = false;
const say = (release) => { process.stdout.write(release); process.exit(); };
socket.on("error", () => process.exit(1));
socket.on("end", () => process.exit(1));
socket.on("data", (more) => {
  answer = Buffer.concat([answer, more]);
  if (answer.length < 16) return;
  if (answer.readUInt32LE(0) !== 0x6478696f) process.exit(1);
  if ((answer.readUInt32LE(8) & 0xff) < 33) say("2.3");
  if (!isKnown) socket.write(numbers(0x125, 0, 0));
  isKnown = true;
  if (answer.length < 24) return;
  const length = answer.readUInt32LE(16);
  if (answer.length >= 24 + length) say(answer.toString("latin1", 24, 24 + length));
});
socket.write(numbers(0x6e697863));
`;

function socketOf(env: Environment): string {
  const remote = /^unix:\/\/(\/[^?]+)/.exec(env["NIX_REMOTE"] ?? "")?.[1];
  const state = env["NIX_STATE_DIR"] ?? "/nix/var/nix";
  return remote ?? env["NIX_DAEMON_SOCKET_PATH"] ?? `${state}/daemon-socket/socket`;
}

/** `2.26.3`; null when there is no daemon that answers. Waits for it. */
export function daemonRelease(env: Environment): string | null {
  const socket = socketOf(env);
  if (!existsSync(socket)) return null;
  const { stdout, status } = spawnSync(process.execPath, ["-e", HELLO, socket], {
    env,
    timeout: PATIENCE,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 && stdout !== "" ? stdout : null;
}
