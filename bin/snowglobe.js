#!/usr/bin/env node
// The `snowglobe` command. The program itself is the bundle dist/cli.cjs.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadCompiled } from "./load-compiled.js";

const cli = fileURLToPath(new URL("../dist/cli.cjs", import.meta.url));
if (existsSync(cli)) {
  loadCompiled(cli);
} else {
  process.stderr.write(`error: ${cli} is not there: run \`npm run build\` first\n`);
  process.exitCode = 1;
}
