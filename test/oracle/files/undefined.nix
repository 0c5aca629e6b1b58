nothing + 1
