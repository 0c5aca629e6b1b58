rec {
  # The set that a function of itself describes.
  fix =
    f:
    let
      self = f self;
    in
    self;

  # A function of the final set, with an overlay applied to what it gives.
  extends =
    overlay: f: self:
    let
      previous = f self;
    in
    previous // overlay self previous;

  composeExtensions =
    first: second: final: previous:
    let
      applied = first final previous;
    in
    applied // second final (previous // applied);
}
