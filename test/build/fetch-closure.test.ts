/** `builtins.fetchClosure` from a cache on loopback. Paths and words are those of Nix 2.26 for the same cache. */
import { spawn } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { nodeHasher } from "../../server/src/host/node-hash.ts";
import { printHash } from "../../server/src/store/hash.ts";
import { dumpNar, type NarSource } from "../../server/src/store/nar.ts";
import { fingerprint, type PathInfo } from "../../server/src/store/path-info.ts";
import { type CacheServer, serveFolder } from "./cache-server.ts";
import { command, environment, remove, scratch } from "./snowglobe.ts";
import { users } from "./users.ts";

// The last of them is the one with the fewest rights.
const user = users.at(-1);
if (user === undefined) throw new Error("no user");

const DEP = "/nix/store/z4asv3j07d89ywjf8fxkn7sg6mf5s9q5-dep";
/** Refers to `DEP` and to itself. */
const OWN = "/nix/store/spjxj23fv6mika7v3847w64y5p1ll3al-ia";
const NEW_DEP = "/nix/store/k0bq3s4hdvxal217l04jr24n8jm5l29g-dep";
const NEW_OWN = "/nix/store/3ipgm307d9dzrgf6k291a5pgyka4ly5b-ia";
const NEW_OWN_ADDRESS = "fixed:r:sha256:19jg7mizpzf7kpizi69qnisxz3bcd8c7y02cm4bfia6zk4xy5rg6";
const TEXT = "/nix/store/4l1475nkcpbq9d4naa1lni8jw347w05m-in";
const TEXT_ADDRESS = "text:sha256:10a83a91g1r50bdw8g4hn47m7j7m6angpabwc80l9c16nx11cw9d";

const top = scratch(user);
const cache = path.join(top, "cache");
const pair = generateKeyPairSync("ed25519");
const raw = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
const key = `test-1:${raw.toString("base64")}`;
let server: CacheServer;
let home = "";

/** A file in the store, as a cache has it. */
function publish(
  file: string,
  contents: string,
  references: readonly string[],
  how: "signed" | "unsigned" | { address: string },
): void {
  const parts: Buffer[] = [];
  const source = {
    lstat: () => ({ type: "regular", executable: false }),
    readFile: () => contents,
  } as unknown as NarSource;
  dumpNar(source, "", (chunk) => {
    parts.push(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : Buffer.from(chunk));
  });
  const nar = Buffer.concat(parts);
  const narHash = { algo: "sha256", bytes: nodeHasher("sha256", nar) } as const;
  const info: PathInfo = {
    ...{ path: file, narHash, narSize: nar.length, references },
    ...{ deriver: undefined, signatures: [], contentAddress: undefined },
  };
  const part = path.basename(file).slice(0, 32);
  fs.writeFileSync(path.join(cache, `${part}.nar`), nar);
  const lines = [
    `StorePath: ${file}`,
    `URL: ${part}.nar`,
    "Compression: none",
    `NarHash: ${printHash(narHash, "nix32", true)}`,
    `NarSize: ${nar.length}`,
    `References: ${references.map((each) => path.basename(each)).join(" ")}`,
  ];
  if (how === "signed") {
    const signature = sign(null, Buffer.from(fingerprint(info)), pair.privateKey);
    lines.push(`Sig: test-1:${signature.toString("base64")}`);
  } else if (how !== "unsigned") lines.push(`CA: ${how.address}`);
  fs.writeFileSync(path.join(cache, `${part}.narinfo`), `${lines.join("\n")}\n`);
}

beforeAll(async () => {
  fs.mkdirSync(cache);
  fs.writeFileSync(path.join(cache, "nix-cache-info"), "StoreDir: /nix/store\n");
  server = await serveFolder(cache);
});
afterAll(async () => {
  await server.close();
  remove(top);
});
beforeEach(() => {
  if (home !== "") remove(home);
  home = scratch(user);
  publish(DEP, "dep\n", [], "signed");
  publish(OWN, `${DEP} ${OWN}\n`, [OWN, DEP], "signed");
  publish(TEXT, "x", [], { address: TEXT_ADDRESS });
  return () => remove(home);
});

/** Not the synchronous one: the server is in this process. */
async function evaluate(expression: string, keys = key) {
  const [file, args] = command(user as (typeof users)[0], "eval", "--expr", expression);
  const config = `experimental-features = fetch-closure\ntrusted-public-keys = ${keys}\nsubstituters =`;
  const env = { ...environment(home), NIX_CONFIG: config };
  const child = spawn(file, args, { cwd: home, env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  await once(child, "close");
  const message = /^ +error: ([\s\S]*)\n$/m.exec(stderr)?.[1]?.replace(/^ +/gm, "");
  return { value: stdout.trim(), stderr, message };
}

const closure = (more: string) =>
  `builtins.fetchClosure { fromStore = "${server.address}"; ${more} }`;

test("what is signed is got with all that it refers to, and read", async () => {
  const call = closure(`fromPath = ${OWN}; inputAddressed = true;`);
  const first = await evaluate(`builtins.readFile (${call}) + builtins.readFile ${DEP}`);
  expect(first.value).toBe(JSON.stringify(`${DEP} ${OWN}\ndep\n`));
  expect(first.stderr).toBe(
    `copying path '${DEP}' from '${server.address}'...\ncopying path '${OWN}' from '${server.address}'...\n`,
  );
  const again = await evaluate(`builtins.getContext (${call})`);
  expect(again).toMatchObject({ value: `{ "${OWN}" = { path = true; }; }`, stderr: "" });
});

test("without a signature only what follows from its contents", async () => {
  const unsigned = (file: string) =>
    `cannot add path '${file}' because it lacks a signature by a trusted key`;
  const call = closure(`fromPath = ${OWN}; inputAddressed = true;`);
  expect((await evaluate(call, "")).message).toBe(unsigned(DEP));
  publish(OWN, `${DEP} ${OWN}\n`, [OWN, DEP], "unsigned");
  expect((await evaluate(call)).message).toBe(unsigned(OWN));
  expect((await evaluate(closure(`fromPath = ${TEXT};`), "")).value).toBe(`"${TEXT}"`);
  publish(TEXT, "y", [], { address: TEXT_ADDRESS });
  remove(path.join(home, ".local"));
  expect((await evaluate(closure(`fromPath = ${TEXT};`), "")).message).toMatch(
    /^ca hash mismatch importing path '.*-in';\nspecified: .*11cw9d\ngot: /,
  );
});

test("a rewritten path is Nix's, and can be got by its contents from then on", async () => {
  const told = `rewriting '${OWN}' to content-addressed form yielded '${NEW_OWN}'`;
  const call = (to: string) => closure(`fromPath = ${OWN}; toPath = ${to};`);
  expect((await evaluate(call('""'), "")).message).toBe(
    `${told}\nUse this value for the 'toPath' attribute passed to 'fetchClosure'`,
  );
  expect((await evaluate(call(TEXT), "")).message).toBe(`${told}, while '${TEXT}' was expected`);
  const { value } = await evaluate(`builtins.readFile (${call(NEW_OWN)})`, "");
  expect(value).toBe(JSON.stringify(`${NEW_DEP} ${NEW_OWN}\n`));

  publish(NEW_DEP, "dep\n", [], "signed");
  publish(NEW_OWN, `${NEW_DEP} ${NEW_OWN}\n`, [NEW_OWN, NEW_DEP], { address: NEW_OWN_ADDRESS });
  remove(path.join(home, ".local"));
  const copied = await evaluate(closure(`fromPath = ${NEW_OWN};`));
  expect(copied.value).toBe(`"${NEW_OWN}"`);
});

test("how a path is addressed has to be said", async () => {
  expect((await evaluate(closure(`fromPath = ${OWN};`))).message).toMatch(
    /^The 'fromPath' value '.*-ia' is input-addressed, but 'inputAddressed' is set to 'false'/,
  );
  const wrong = closure(`fromPath = ${TEXT}; inputAddressed = true;`);
  expect((await evaluate(wrong)).message).toMatch(/^The store object .* is not input-addressed/);
  const to = closure(`fromPath = ${OWN}; toPath = ${OWN};`);
  expect((await evaluate(to)).message).toMatch(/^The 'toPath' value '.*-ia' is input-addressed/);
});

test("what is not there, and what is no cache", async () => {
  const missing = OWN.replace("spjx", "aaaa");
  expect((await evaluate(closure(`fromPath = ${missing};`))).message).toBe(
    `path '${missing}' is not valid`,
  );
  const elsewhere = `builtins.fetchClosure { fromStore = "${server.address}/x"; fromPath = ${OWN}; }`;
  expect((await evaluate(elsewhere)).message).toBe(
    `'${server.address}/x' does not appear to be a binary cache`,
  );
});
