# Every package that uses openssl gets another version of it.
final: previous: {
  openssl = previous.openssl.overrideAttrs {
    version = "3.4.1";
  };
}
