/** The settings that Nix has: of 2.26 (measured), of newer versions (read), and older names that it still takes. */

const words = (text: string): Set<string> => new Set(text.trim().split(/\s+/));

const NAMES = words(`
  abort-on-warn accept-flake-config access-tokens allow-dirty allow-dirty-locks
  allow-import-from-derivation allow-new-privileges allow-symlinked-store
  allow-unsafe-native-code-during-evaluation allowed-impure-host-deps allowed-uris allowed-users
  always-allow-substitutes auto-allocate-uids auto-optimise-store bash-prompt bash-prompt-prefix
  bash-prompt-suffix build-dir build-hook build-poll-interval build-users-group builders
  builders-use-substitutes commit-lock-file-summary compress-build-log connect-timeout cores
  debugger-on-trace debugger-on-warn diff-hook download-attempts download-buffer-size
  download-speed eval-cache eval-system experimental-features extra-platforms fallback
  filter-syscalls flake-registry fsync-metadata fsync-store-paths gc-reserved-space hashed-mirrors
  http-connections http2 id-count ignore-try ignored-acls impersonate-linux-26 keep-build-log
  keep-derivations keep-env-derivations keep-failed keep-going keep-outputs log-lines
  max-build-log-size max-call-depth max-free max-jobs max-silent-time max-substitution-jobs
  min-free min-free-check-interval nar-buffer-size narinfo-cache-negative-ttl
  narinfo-cache-positive-ttl netrc-file nix-path nix-shell-always-looks-for-shell-nix
  nix-shell-shebang-arguments-relative-to-script plugin-files post-build-hook pre-build-hook
  preallocate-contents print-missing pure-eval require-drop-supplementary-groups require-sigs
  restrict-eval run-diff-hook sandbox sandbox-build-dir sandbox-dev-shm-size sandbox-fallback
  sandbox-paths secret-key-files show-trace ssl-cert-file stalled-download-timeout start-id store
  substitute substituters sync-before-registering system system-features tarball-ttl timeout
  trace-function-calls trace-verbose trust-tarballs-from-git-forges trusted-public-keys
  trusted-substituters trusted-users upgrade-nix-store-path-url use-case-hack use-cgroups
  use-registries use-sqlite-wal use-xdg-base-directories user-agent-suffix warn-dirty
  warn-large-path-threshold`);

const NEWER_NAMES = words(`
  darwin-log-sandbox-violations eval-attrset-update-layer-rhs-threshold eval-profile-file
  eval-profiler eval-profiler-frequency external-builders filetransfer-retry-attempts
  filetransfer-retry-delay filetransfer-retry-delay-rate-limited filetransfer-retry-jitter
  filetransfer-retry-max-delay http3 ignore-gc-delete-failure impure-env json-log-path
  lint-absolute-path-literals lint-short-path-literals lint-url-literals narinfo-cache-meta-ttl
  tls-certificate trace-import-from-derivation use-roots-daemon warn-short-path-literals`);

const OLDER_NAMES = words(`
  binary-caches binary-cache-public-keys binary-caches-parallel-connections build-chroot-dirs
  build-compress-log build-cores build-fallback build-impersonate-linux-26 build-keep-log
  build-max-jobs build-max-log-size build-max-silent-time build-sandbox-paths build-timeout
  build-use-chroot build-use-sandbox build-use-substitutes commit-lockfile-summary
  env-keep-derivations gc-keep-derivations gc-keep-outputs substitution-max-jobs
  trusted-binary-caches`);

/** Those that `extra-NAME` adds to. */
const LISTS = words(`
  access-tokens allowed-impure-host-deps allowed-uris allowed-users binary-caches
  binary-cache-public-keys build-chroot-dirs build-hook build-sandbox-paths experimental-features
  extra-platforms hashed-mirrors ignored-acls impure-env nix-path plugin-files sandbox-paths
  secret-key-files substituters system-features trusted-binary-caches trusted-public-keys
  trusted-substituters trusted-users`);

export function isNixSetting(name: string): boolean {
  if (name.startsWith("extra-") && LISTS.has(name.slice("extra-".length))) return true;
  return NAMES.has(name) || NEWER_NAMES.has(name) || OLDER_NAMES.has(name);
}
