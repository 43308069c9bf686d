#!/usr/bin/python3
"""Writes the contract as compact JSON on stdout: to_json.py openapi.yaml"""
import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Days and moments stay the texts they are."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

with open(sys.argv[1], encoding="utf-8") as contract:
    document = yaml.load(contract, Loader=Loader)
json.dump(document, sys.stdout, ensure_ascii=False, separators=(",", ":"))
