// `npm run fuzz -- --minutes N [--seed S] [--only KIND]`: random expressions against real Nixes.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bootstrap, root, systemPackages } from "./bootstrap.mjs";

bootstrap();
if (!systemPackages({ "nix-instantiate": "nix-bin" })) process.exit(1);
const { status } = spawnSync(
  process.execPath,
  ["--import", "tsx", join(root, "test/oracle/fuzz.ts"), ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
process.exitCode = status ?? 1;
