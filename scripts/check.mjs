// `npm run check`: types, lint, unit tests and dead code, for every commit.
import { fileURLToPath } from "node:url";
import { commandSuite, runSuites, vitestSuite } from "./suite.mjs";

export const checks = [
  commandSuite("lint", "biome", ["ci", "."]),
  commandSuite("types", "tsc", ["-p", "tsconfig.json"]),
  commandSuite("types in pages", "tsc", ["-p", "tsconfig.e2e.json"]),
  commandSuite("pure layers", "tsc", ["-p", "tsconfig.pure.json"]),
  commandSuite("dead code", "knip", []),
  vitestSuite("unit", []),
];

if (process.argv[1] === fileURLToPath(import.meta.url)) await runSuites(checks);
