/** Few names that are bound again and again, each time to another number or null. */
import type { Random } from "./random.ts";

const NAMES = ["a", "b", "c", "d"];

export function scoping(r: Random): string {
  let next = 0;
  const make = (depth: number): string => {
    if (depth <= 0) return r.chance(0.7) ? r.pick(NAMES) : String(++next);
    const name = r.pick(NAMES);
    const other = r.pick(NAMES.filter((it) => it !== name));
    const plain = () => (r.chance(0.1) ? "null" : String(++next));
    const value = () => (r.chance(0.6) ? plain() : make(depth - 1));
    const body = () => make(depth - 1);
    return r.pick([
      () => `(let ${name} = ${value()}; ${other} = ${value()}; in ${body()})`,
      () => `(with { ${name} = ${value()}; }; ${body()})`,
      () => `(with { ${name} = ${value()}; ${other} = ${value()}; }; ${body()})`,
      () => `((${name}: ${body()}) ${value()})`,
      () => `(({ ${name}, ${other} ? ${value()} }: ${body()}) { ${name} = ${value()}; })`,
      () => `(({ ${name}, ${other} ? ${name} }: ${body()}) { ${name} = ${value()}; })`,
      () =>
        `(({ ${name} ? ${other}, ${other} }: ${body()}) { ${name} = ${value()}; ${other} = ${value()}; })`,
      () => `(({ ${name} ? ${value()}, ... }@${other}: ${body()}) { x = ${value()}; })`,
      () => `(${name}@{ ${other} ? 0, x ? ${body()} }: [ x ${other} ]) { ${other} = ${value()}; }`,
      () => `(rec { ${name} = ${value()}; ${other} = ${value()}; x = ${body()}; }).x`,
      () => `(rec { inherit ${name}; ${other} = ${value()}; x = ${body()}; }).x`,
      () => `(let inherit ({ ${name} = ${value()}; }) ${name}; in ${body()})`,
      () => `(let ${other} = { inherit ${name}; }; in ${other}.${name})`,
      () => `(let { ${name} = ${value()}; body = ${body()}; })`,
      () =>
        `(rec { __overrides = { ${name} = ${value()}; y = 0; }; ${name} = ${value()}; ${other} = 7; x = ${body()}; }).${r.pick(["x", name])}`,
      () =>
        `(rec { __overrides = { ${name} = ${value()}; }; x = { inherit ${name}; }; ${name} = 1; }).x.${name}`,
      () => `(rec { ${name}.x = ${value()}; ${name}.y = ${name}.x; }).${name}.y`,
      () => `{ ${name} = rec { ${other} = ${value()}; x = ${body()}; }; ${name}.y = 1; }.${name}.x`,
      () => `(let ${name} = ${value()}; in rec { "\${"${name}"}x" = ${name}; y = ${body()}; }.y)`,
      () => `[ ${body()} ${body()} ]`,
      () => `(if ${name} == ${other} then ${body()} else ${body()})`,
    ])();
  };
  const deep = make(4);
  return `let a = "A"; b = "B"; in with { b = 0; c = "C"; d = "D"; }; ${deep}`;
}
