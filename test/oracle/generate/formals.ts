/** Functions of named arguments: which are given, `null` among them, and what stands for those that are not. */
import type { Random } from "./random.ts";

const NAMES = ["a", "b", "c", "d", "e"];

function shuffled<T>(r: Random, items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(r.below(rest.length), 1)[0] as T);
}

export function formals(r: Random): string {
  let next = 0;
  // One that fails hides what the others come to.
  const failing = r.chance(0.1) ? '(throw "t")' : "null";
  const given = () => r.pick(["null", "null", `${++next}`, `${++next}`, "f", "[ ]", failing]);
  const names = shuffled(r, NAMES).slice(0, 1 + r.below(NAMES.length));
  const whole = r.chance(0.4) ? "q" : null;
  const open = r.chance(0.5);

  /** Another argument, by itself or in something. */
  const sibling = (name: string) => {
    const other = r.pick(NAMES.filter((it) => it !== name));
    // What is no argument is the function's of the outer scope.
    return r.pick([other, other, other, `(${other})`, `[ ${other} ]`, `{ inherit ${other}; }`]);
  };
  const ofWhole = () => `${whole}.${r.pick(NAMES)}${r.chance(0.7) ? " or null" : ""}`;
  const fallback = (name: string) =>
    r.pick([
      () => sibling(name),
      () => sibling(name),
      () => (whole === null ? sibling(name) : ofWhole()),
      () => given(),
      () => "(x: x)",
    ])();
  const formal = (name: string) => (r.chance(0.35) ? name : `${name} ? ${fallback(name)}`);
  const items = shuffled(r, names).map(formal);
  const pattern = `{ ${[...items, ...(open ? ["..."] : [])].join(", ")} }`;
  const required = items.filter((item) => !item.includes("?"));

  const pair = () => [r.pick(names), r.pick(names)] as const;
  const body = [
    ...names.filter(() => r.chance(0.8)),
    ...r.some(2, () => {
      const [x, y] = pair();
      return r.pick([`(${x} == ${y})`, `([ ${x} ] == [ ${y} ])`, `(builtins.typeOf ${x})`]);
    }),
    ...(whole === null ? [] : [whole, `(${whole} ? ${r.pick(names)})`]),
  ];
  const head = whole === null ? pattern : r.pick([`${whole}@${pattern}`, `${pattern}@${whole}`]);
  const lambda = `(${head}: [ ${shuffled(r, body).join(" ")} ])`;

  const bindings = (chosen: readonly string[]) =>
    chosen.map((name) => (r.chance(0.1) ? `inherit ${name};` : `${name} = ${given()};`)).join(" ");
  const some = () => {
    const chosen = names.filter((name) => r.chance(required.includes(name) ? 0.97 : 0.5));
    if (r.chance(open ? 0.4 : 0.03)) chosen.push("x");
    return shuffled(r, chosen);
  };
  const args = () => {
    const chosen = some();
    const at = r.below(chosen.length + 1);
    return r.pick([
      () => `{ ${bindings(chosen)} }`,
      () => `{ ${bindings(chosen)} }`,
      () => `({ ${bindings(chosen.slice(at))} } // { ${bindings(chosen.slice(0, at))} })`,
      () => `(builtins.mapAttrs (n: v: v) { ${bindings(chosen)} })`,
      () => `(builtins.intersectAttrs (builtins.functionArgs h) { ${bindings(some())} })`,
    ])();
  };
  const calls = Array.from({ length: 1 + r.below(4) }, args);
  const all = r.pick([
    () => `map h [ ${calls.join(" ")} ]`,
    () => `[ ${calls.map((call) => `(h ${call})`).join(" ")} ]`,
    () => `[ ${calls.map((call) => `(${lambda} ${call})`).join(" ")} ]`,
    () => `map (s: let t = builtins.tryEval (h s); in t) [ ${calls.join(" ")} ]`,
    () => `map { inherit h; __functor = self: self.h; } [ ${calls.join(" ")} ]`,
  ]);
  const outer = NAMES.map((name) => `${name} = "${name}";`).join(" ");
  return `let f = x: x; x = 0; ${outer} h = ${lambda}; in ${all()}`;
}
