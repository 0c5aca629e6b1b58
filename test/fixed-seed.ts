/** Property tests of a run that others rely on always try the same: SNOWGLOBE_SEED is for looking on. */
import fc from "fast-check";

fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  seed: Number(process.env["SNOWGLOBE_SEED"] ?? 1),
});
