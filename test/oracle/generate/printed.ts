/** Values of every kind that end, for the formats besides Nix's own. */
import { Generator } from "./expression.ts";
import { derivations, focused } from "./focused.ts";
import type { Random } from "./random.ts";

const { contexts, floats, indented, integers, json, printing, sharing, toml, updates } = focused;
const FOCUSED = [contexts, floats, indented, integers, json, printing, sharing, toml, updates];

export function printed(r: Random): string {
  if (r.chance(0.1)) return derivations(r);
  if (r.chance(0.5)) return (r.pick(FOCUSED) as (random: Random) => string)(r);
  const wrong = r.pick([0, 0.05]);
  return new Generator(r, { depth: 2 + r.below(3), wrong, paths: false }).expression();
}
