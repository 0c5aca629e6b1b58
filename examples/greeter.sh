#!/bin/sh
echo "@greeting@, ${1:-world}!"
