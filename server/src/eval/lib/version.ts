/** Version numbers as `builtins.compareVersions`, `splitVersion` and `parseDrvName` see them. */
import type { ByteString } from "../../base/bytes.ts";

const isSeparator = (code: number) => code === 0x2e || code === 0x2d;
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/**
 * The components: runs of digits and runs of other bytes, parted by dots and dashes, which are dropped.
 * `1.2pre3` has the components `1`, `2`, `pre` and `3`.
 */
export function splitVersion(version: ByteString): ByteString[] {
  const components: ByteString[] = [];
  for (let at = 0; at < version.length; ) {
    const first = version.charCodeAt(at);
    if (isSeparator(first)) {
      at++;
      continue;
    }
    const start = at++;
    while (at < version.length) {
      const code = version.charCodeAt(at);
      if (isSeparator(code) || isDigit(code) !== isDigit(first)) break;
      at++;
    }
    components.push(version.slice(start, at));
  }
  return components;
}

/** The number a component is; digits that do not fit into 32 bits are text. */
function numberOf(component: ByteString): number | undefined {
  if (component === "" || !isDigit(component.charCodeAt(0))) return undefined;
  const value = Number(component);
  return value <= 0x7fff_ffff ? value : undefined;
}

/** The rule by which one component is older: nothing < number, `pre` < all, text < number. */
function isOlder(a: ByteString, b: ByteString): boolean {
  const numberA = numberOf(a);
  const numberB = numberOf(b);
  if (numberA !== undefined && numberB !== undefined) return numberA < numberB;
  if (a === "" && numberB !== undefined) return true;
  if (a === "pre" && b !== "pre") return true;
  if (b === "pre") return false;
  if (numberB !== undefined) return true;
  if (numberA !== undefined) return false;
  return a < b;
}

/** -1 when `a` is older, 1 when it is newer, 0 when no component tells them apart. */
export function compareVersions(a: ByteString, b: ByteString): -1 | 0 | 1 {
  if (a === b) return 0;
  const componentsA = splitVersion(a);
  const componentsB = splitVersion(b);
  for (let i = 0; i < componentsA.length || i < componentsB.length; i++) {
    const componentA = componentsA[i] ?? "";
    const componentB = componentsB[i] ?? "";
    if (componentA === componentB) continue;
    if (isOlder(componentA, componentB)) return -1;
    if (isOlder(componentB, componentA)) return 1;
  }
  return 0;
}

/** Splits at the first dash that is not followed by a letter: `foo-bar-1.0` is `foo-bar` and `1.0`. */
export function parseDrvName(drvName: ByteString): { name: ByteString; version: ByteString } {
  const dash = drvName.search(/-[^A-Za-z]/);
  return dash < 0
    ? { name: drvName, version: "" }
    : { name: drvName.slice(0, dash), version: drvName.slice(dash + 1) };
}
