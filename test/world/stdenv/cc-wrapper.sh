#!@bash@/bin/bash
# tcc with the C library and what the environment names.
tools=@tools@
run=("$tools/glibc/lib/ld.so" --library-path "$tools/glibc/lib" "$tools/bin/tcc")
if [ @name@ = ar ]; then
  exec "${run[@]}" -ar "$@"
fi
flags=("-B$tools/tcc" -nostdinc -isystem "$tools/musl/include" -isystem "$tools/tcc/include")
for argument in "$@"; do
  case "$argument" in
    -c | -E | -S | -v) exec "${run[@]}" "${flags[@]}" $NIX_CFLAGS_COMPILE "$@" ;;
  esac
done
lib=$tools/musl/lib
exec "${run[@]}" "${flags[@]}" $NIX_CFLAGS_COMPILE -static -nostdlib "$lib/crt1.o" "$lib/crti.o" \
  "$@" $NIX_LDFLAGS "$lib/libc.a" "$tools/tcc/libtcc1.a" "$lib/crtn.o"
