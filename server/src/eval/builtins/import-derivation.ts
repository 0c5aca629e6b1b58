/** `import` of a valid `.drv` file: a derivation-like set of its outputs. */
import type { ByteString } from "../../base/bytes.ts";
import { outputPathOf } from "../../store/derivation.ts";
import { Attrs } from "../attrs.ts";
import { withContext } from "../context.ts";
import type { Evaluator } from "../evaluator.ts";
import { storeErrors } from "../files.ts";
import type { Slot, Value } from "../values.ts";

export function importDerivation(ev: Evaluator, drvPath: ByteString): Value {
  const drv = storeErrors(() => ev.store.readDerivation(drvPath));
  const names = [...drv.outputs.keys()];
  const path = withContext(drvPath, new Set([`=${drvPath}`]));
  const shared: [ByteString, Slot][] = [
    ["drvPath", path],
    ["name", drv.env.get("name") ?? drv.name],
    ["outputs", names],
    ["type", "derivation"],
  ];
  const outputs = names.map((name): [ByteString, Slot] => {
    const output = drv.outputs.get(name);
    const outPath = (output && outputPathOf(output)) ?? "";
    return [
      name,
      Attrs.from([
        ...shared,
        ["outPath", withContext(outPath, new Set([`!${name}!${drvPath}`]))],
        ["outputName", name],
      ]),
    ];
  });
  const first = outputs[0]?.[1] as Attrs;
  const all = Attrs.from([["all", outputs.map(([, output]) => output)]]);
  return first.update(Attrs.from(outputs)).update(all);
}
