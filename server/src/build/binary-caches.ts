/** The binary caches that settings name. */
import { BinaryCache, type BinaryCacheOptions } from "./binary-cache.ts";
import { parsePublicKeys } from "./signature.ts";

const DEFAULT_CACHE = "https://cache.nixos.org";
const DEFAULT_KEY = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";

/**
 * Of Nix's settings `substituters`, `trusted-public-keys` (and what adds to them) and `substitute`, with
 * Nix's defaults. Throws `Error` for a key or an address that is none.
 */
export function binaryCaches(
  settings: ReadonlyMap<string, string>,
  options: Omit<BinaryCacheOptions, "keys">,
): BinaryCache[] {
  if (settings.get("substitute") === "false") return [];
  const words = (name: string, otherwise: string) =>
    `${settings.get(name) ?? otherwise} ${settings.get(`extra-${name}`) ?? ""}`
      .split(/\s+/)
      .filter((word) => word !== "");
  const keys = parsePublicKeys(words("trusted-public-keys", DEFAULT_KEY));
  const addresses = new Set(words("substituters", DEFAULT_CACHE));
  return Array.from(addresses, (address) => new BinaryCache(address, { ...options, keys }));
}
