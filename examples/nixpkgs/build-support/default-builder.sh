# Unpacks, configures, builds and installs, each phase replaceable by an attribute of its name.
. "$stdenv"

for input in $nativeBuildInputs $buildInputs $propagatedBuildInputs; do
    PATH=$PATH:$input/bin
done

unpackPhase=${unpackPhase-'tar -xf "$src" && cd */'}
configurePhase=${configurePhase-'test ! -x configure || ./configure --prefix="$out" $configureFlags'}
buildPhase=${buildPhase-'make $makeFlags'}
installPhase=${installPhase-'make install $makeFlags'}

test -n "$dontUnpack" || eval "$unpackPhase"
test -n "$dontBuild" || { eval "$configurePhase"; eval "$buildPhase"; }
eval "$installPhase"
