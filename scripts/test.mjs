// `npm test`: everything, as CI runs it, set-up included.
import { bootstrap } from "./bootstrap.mjs";

bootstrap();
const { runSuites } = await import("./suite.mjs");
const { suites } = await import("./suites.mjs");
// `npm test -- NAME…` runs only the suites of these names.
const names = process.argv.slice(2);
const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
if (unknown !== undefined) {
  console.error(`no suite '${unknown}'; there are: ${suites.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
await runSuites(suites.filter(({ name }) => names.length === 0 || names.includes(name)));
