# The standard environment, to be sourced: by builders, and by shells for development.
# `initialPath` and `shell` stand above.
set -u
if ! declare -p outputs >/dev/null 2>&1; then outputs=out; fi

# Attributes are words of a string, or with structured attributes the elements of an array.
wordsOf() {
    local declared
    declared=$(declare -p "$1" 2>/dev/null) || return 0
    case "$declared" in
        "declare -a"*) local -n list="$1"; echo "${list[@]}" ;;
        "declare -A"*) local -n table="$1"; echo "${!table[@]}" ;;
        *) echo "${!1}" ;;
    esac
}

# With structured attributes the outputs are not variables yet.
if [[ "$(declare -p outputs)" == "declare -A"* ]]; then
    for name in "${!outputs[@]}"; do export "$name=${outputs[$name]}"; done
fi

addToSearchPath() {
    local variable=$1 directory=$2
    if [ -d "$directory" ]; then
        export "$variable=${!variable:+${!variable}:}$directory"
    fi
}

PATH=
for package in $initialPath; do addToSearchPath PATH "$package/bin"; done
export SHELL=$shell
export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE:-}" NIX_LDFLAGS="${NIX_LDFLAGS:-}"

# Hooks say for which machine they are; here there is one.
hostOffset=0 targetOffset=1
envHooks=()
addEnvHooks() { envHooks+=("$2"); }

# Everything that inputs need, each once, inputs before what propagates them is seen again.
allInputs=()
findInputs() {
    local package=$1 each
    for each in "${allInputs[@]}"; do
        if [ "$each" = "$package" ]; then return; fi
    done
    allInputs+=("$package")
    local file=$package/nix-support/propagated-build-inputs
    if [ -e "$file" ]; then
        for each in $(cat "$file"); do findInputs "$each"; done
    fi
}

for list in nativeBuildInputs buildInputs propagatedNativeBuildInputs propagatedBuildInputs; do
    for package in $(wordsOf $list); do findInputs "$package"; done
done

for package in "${allInputs[@]}"; do
    addToSearchPath PATH "$package/bin"
    if [ -d "$package/include" ]; then NIX_CFLAGS_COMPILE+=" -isystem $package/include"; fi
    if [ -d "$package/lib" ]; then NIX_LDFLAGS+=" -L$package/lib"; fi
    if [ -e "$package/nix-support/setup-hook" ]; then source "$package/nix-support/setup-hook"; fi
done
for package in "${allInputs[@]}"; do
    for hook in "${envHooks[@]}"; do "$hook" "$package"; done
done

runHook() {
    if declare -F "$1" >/dev/null; then "$1"; else eval "${!1:-}"; fi
}

substituteInPlace() {
    local file=$1 text
    text=$(cat "$file"; echo .)
    text=${text%.}
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
            --replace-fail | --replace) text=${text//"$2"/"$3"}; shift 3 ;;
            --subst-var) text=${text//"@$2@"/"${!2}"}; shift 2 ;;
            *) echo "substituteInPlace: unknown option $1" >&2; return 1 ;;
        esac
    done
    printf %s "$text" > "$file"
}

unpackPhase() {
    runHook preUnpack
    if [ -d "$src" ]; then cp -r "$src" source; else mkdir source; tar -xf "$src" -C source; fi
    chmod -R u+w source
    cd source
    runHook postUnpack
}

patchPhase() {
    local each
    runHook prePatch
    for each in $(wordsOf patches); do patch -p1 < "$each"; done
    runHook postPatch
}

configurePhase() {
    runHook preConfigure
    if [ -x ./configure ]; then ./configure --prefix="$out"; fi
    runHook postConfigure
}

buildPhase() {
    runHook preBuild
    runHook postBuild
}

installPhase() {
    runHook preInstall
    mkdir -p "$out"
    runHook postInstall
}

fixupPhase() {
    local to=${dev:-$out} inputs
    runHook preFixup
    inputs=$(wordsOf propagatedBuildInputs)
    # Whoever builds with the headers needs the library as well.
    if [ "$to" != "$out" ]; then inputs="$out${inputs:+ $inputs}"; fi
    if [ -n "$inputs" ] && [ -d "$to" ]; then
        mkdir -p "$to/nix-support"
        echo "$inputs" > "$to/nix-support/propagated-build-inputs"
    fi
    if [ -n "${setupHook:-}" ]; then
        mkdir -p "$out/nix-support"
        cp "$setupHook" "$out/nix-support/setup-hook"
    fi
    runHook postFixup
}

genericBuild() {
    local phase list
    list=$(wordsOf phases)
    if [ -z "$list" ]; then
        list="${src:+unpackPhase patchPhase} configurePhase buildPhase installPhase fixupPhase"
    fi
    for phase in $list; do
        echo "@nix { \"action\": \"setPhase\", \"phase\": \"$phase\" }" >&"${NIX_LOG_FD:-2}"
        echo "Running phase: $phase"
        if [ -n "${!phase:-}" ]; then eval "${!phase}"; else "$phase"; fi
    done
}
set +u
