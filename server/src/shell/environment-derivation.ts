/** From a derivation to the one that builds its environment instead of its outputs. */
import type { ByteString } from "../base/bytes.ts";
import { checkDerivation } from "../store/derivation-hash.ts";
import { StoreError } from "../store/error.ts";
import type { MadeDerivation } from "../store/make-derivation.ts";
import type { Store } from "../store/store.ts";
import { ENVIRONMENT_SCRIPT, ENVIRONMENT_SCRIPT_NAME } from "./environment-script.ts";
import { removeJsonMember } from "./remove-json-member.ts";

/** Restrictions of outputs that are not those which this derivation builds. */
const CHECKS = [
  "allowedReferences",
  "allowedRequisites",
  "disallowedReferences",
  "disallowedRequisites",
];

/**
 * Adds the environment derivation `NAME-env` of a derivation to the store: as it is, but for the
 * script that is run. Its outputs are input-addressed whatever those of the derivation are; one of
 * them is the file for `parseShellEnvironment`, the others are empty. Unlike Nix 2.26, which tells the
 * build that its name is `NAME-env`, the variable `name` stays what it was.
 *
 * Throws `StoreError` when the derivation or one it needs is not in the store, is not what its own
 * paths say, or is not built by a bash.
 */
export function environmentDerivation(store: Store, drvPath: ByteString): MadeDerivation {
  const drv = store.readDerivation(drvPath);
  checkDerivation(store.context, drv, (input) => store.hashModulo(input));
  const builder = drv.builder.slice(drv.builder.lastIndexOf("/") + 1);
  if (builder !== "bash") {
    throw new StoreError(
      `'${drv.name}' has no development shell: its builder is '${drv.builder}', and only the environment of a 'bash' can be entered`,
    );
  }
  const script = store.addText(ENVIRONMENT_SCRIPT_NAME, ENVIRONMENT_SCRIPT, []);
  const env = new Map(drv.env);
  const json = env.get("__json");
  if (json !== undefined) env.set("__json", removeJsonMember(json, "outputChecks"));
  else for (const name of CHECKS) env.delete(name);
  return store.addDerivation({
    name: `${drv.name}-env`,
    system: drv.system,
    builder: drv.builder,
    args: [script],
    env,
    outputs: { kind: "input-addressed", names: [...drv.outputs.keys()] },
    inputSrcs: [...drv.inputSrcs, script],
    inputDrvs: drv.inputDrvs,
  });
}
