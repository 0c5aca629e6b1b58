addGreetPath() {
    if [ -e "$1/include/greet.h" ]; then export GREET_PATH="$1"; fi
}
addEnvHooks "$hostOffset" addGreetPath
export GREET_HOOK=1
