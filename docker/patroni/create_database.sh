#!/bin/bash
# Patroni calls this once, on the first server of a new cluster, with its address.
set -euo pipefail
psql "$1" -Xqc 'create database ets144'
