/** Sets of many attributes, updated again and again. */
import type { Random } from "./random.ts";

export function updates(r: Random): string {
  let next = 0;
  const large = () => {
    const size = r.pick([20, 50, 70]);
    return `(builtins.listToAttrs (builtins.genList (i: { name = "n\${toString (i * ${r.pick([1, 3, 7])})}"; value = ${++next}; }) ${size}))`;
  };
  const small = () =>
    `{ ${[...new Set(r.some(5, () => `n${r.below(60)}`))].map((name) => `${name} = ${++next};`).join(" ")} }`;
  const set = (depth: number): string => {
    if (depth <= 0) return r.chance(0.3) ? large() : small();
    const deeper = () => set(depth - 1);
    return r.pick([
      () => `(${deeper()} // ${deeper()})`,
      () => `(${deeper()} // ${small()})`,
      () => `((${deeper()} // ${small()}) // ${small()})`,
      () =>
        `(builtins.foldl' (s: i: s // { "n\${toString (i * 5)}" = i; }) ${deeper()} [ 1 2 3 4 5 6 7 8 9 ])`,
      () => `(removeAttrs ${deeper()} [ "n1" "n3" "n${r.below(60)}" ])`,
      () => `(builtins.mapAttrs (n: v: v) ${deeper()})`,
      () => `(builtins.intersectAttrs ${deeper()} ${deeper()})`,
    ])();
  };
  const s = `(${large()} // ${set(3)})`;
  return r.pick([
    `${s}`,
    `let s = ${s}; in [ (s.n3 or 0) (s.n7 or 0) (s ? n21) (s.n${r.below(60)} or null) (builtins.length (builtins.attrNames s)) ]`,
    `builtins.toJSON ${s}`,
    `let s = ${s}; in (s // ${small()}) == s`,
    `builtins.attrValues ${s}`,
    `builtins.zipAttrsWith (n: vs: vs) [ ${set(1)} ${set(2)} ]`,
  ]);
}
