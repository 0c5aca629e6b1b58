set -e
shopt -s extglob
if [ -n "$BREAK" ]; then echo "cannot be set up"; false; fi
declare -A map2=([a b]="x'y" [z]=$'n\nl')
arr=(one "two words" $'th\tree' "")
sparse=([3]=c [7]=d)
empty=()
declare -i num=7
declare -r constant=1
declare nothing
export nothing2
runHook() { eval "$1"; }
foo() {
    echo "a { b } c"
    cat <<E
  heredoc $x
E
}
odd-name() { :; }
nested() ( echo sub; )
exported() { :; }
export -f exported
multi='a
  declare -x fake="1"
b'
quote="it's \"quoted\" \\ back $GREETING"
trap 'true' EXIT
