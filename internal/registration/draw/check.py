#!/usr/bin/env python3
"""Check a published draw: python3 check.py record.json

Repeats the draw from the opened secret, the outside value and the list of tickets, with nothing but Python's own library. Compare the
commitment and the hash of the list that it prints with those that were published before the draw.
"""
import hashlib
import hmac
import json
import sys


def main(path):
    with open(path, encoding="utf-8") as f:
        r = json.load(f)
    assert r["format"] == "tsudoi draw 1", "another format"
    secret = bytes.fromhex(r["secret"])
    assert hashlib.sha256(secret).hexdigest() == r["commitment"], "the secret is not the one of the commitment"
    assert ("outside" in r) == ("outside_value" in r), "the outside value is missing, or was not named before"

    tickets = r["tickets"]
    ids = [t["ticket"] for t in tickets]
    assert ids == sorted(set(ids)), "the list is not sorted, or a ticket is there twice"
    lines = "".join("%s %d %d\n" % (t["ticket"], t["weight"], t["size"]) for t in tickets)
    assert hashlib.sha256(lines.encode()).hexdigest() == r["list_hash"], "the hash of the list is not that of its tickets"

    def mac(key, text):
        return hmac.new(key, text.encode(), hashlib.sha256)

    seed = mac(secret, "tsudoi draw 1\n%s\n%s" % (r["of"], r.get("outside_value", ""))).digest()
    numbered = []
    for t in tickets:
        lots = [mac(seed, "%s\n%d" % (t["ticket"], j)).hexdigest() for j in range(1, t["weight"] + 1)]
        numbered.append((min(lots), t["ticket"], t["size"]))
    numbered.sort()

    free = r["capacity"]
    want = []
    for place, (number, ticket, size) in enumerate(numbered, 1):
        won = size <= free
        if won:
            free -= size
        want.append({"place": place, "ticket": ticket, "number": number, "won": won})
    for w, got in zip(want, r["order"]):
        assert w == got, "place %d: expected %s, found %s" % (w["place"], w, got)
    assert len(want) == len(r["order"]), "tickets were left out"

    print("ok: %d tickets, %d won" % (len(want), sum(w["won"] for w in want)))
    print("commitment " + r["commitment"])
    print("outside    " + r.get("outside", "-"))
    print("list_hash  " + r["list_hash"])


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (AssertionError, KeyError, ValueError) as e:
        print("NOT ok: %s" % e)
        sys.exit(1)
