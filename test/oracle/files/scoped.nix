[ x (toString 1) ]
