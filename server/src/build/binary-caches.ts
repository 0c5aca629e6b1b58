/** The binary caches that settings name. */
import { BinaryCache, type BinaryCacheOptions } from "./binary-cache.ts";
import { parsePublicKeys } from "./signature.ts";

const DEFAULT_CACHE = "https://cache.nixos.org";
const DEFAULT_KEY = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";

type Settings = ReadonlyMap<string, string>;

/**
 * Of Nix's settings `substituters`, `trusted-public-keys` (and what adds to them) and `substitute`, with
 * Nix's defaults. Throws `Error` for a key or an address that is none.
 */
export function binaryCaches(
  settings: Settings,
  options: Omit<BinaryCacheOptions, "keys">,
): BinaryCache[] {
  if (settings.get("substitute") === "false") return [];
  const addresses = new Set(words(settings, "substituters", DEFAULT_CACHE));
  return Array.from(addresses, (address) => binaryCache(address, settings, options));
}

/** A cache of this address, with the keys of the settings. Throws `Error` for a key that is none. */
export function binaryCache(
  address: string,
  settings: Settings,
  options: Omit<BinaryCacheOptions, "keys">,
): BinaryCache {
  const keys = parsePublicKeys(words(settings, "trusted-public-keys", DEFAULT_KEY));
  return new BinaryCache(address, { ...options, keys });
}

function words(settings: Settings, name: string, otherwise: string): string[] {
  return `${settings.get(name) ?? otherwise} ${settings.get(`extra-${name}`) ?? ""}`
    .split(/\s+/)
    .filter((word) => word !== "");
}
