#!/usr/bin/env python3
"""Has tshark dissect what a step `inject` makes: every field as forged, nothing malformed, the line in the comment.

usage: inject_tshark.py PROGRAM
"""
import pathlib
import subprocess
import sys
import tempfile

SCENARIO = """base: {base}
steps:
  - initiate: {{on: txl-gw}}
  - wait: 1s
  - inject: {{at: internet, forge: {{from: lhr-gw, to: txl-gw, ike: {{exchange: IKE_SA_INIT, kind: response, spiInitiator: 0x1122334455667788, notify: INVALID_KE_PAYLOAD, notifyData: "000e"}}}}}}
  - inject: {{at: internet, forge: {{from: lhr-gw, to: txl-gw, ike: {{exchange: INFORMATIONAL, spiInitiator: current, spiResponder: current, messageId: 7, encapsulated: true, payloads: [{{type: SK, size: 64}}]}}}}}}
  - inject: {{at: internet, forge: {{from: lhr-gw, to: txl-gw, esp: {{spi: 0xc0ffee00, sequence: 9, size: 64}}}}}}
  - inject: {{at: internet, forge: {{from: lhr-gw, to: txl-gw, esp: {{spi: 0xc0ffee01, sequence: 10, size: 64, encapsulated: true}}}}}}
  - inject: {{at: internet, replay: {{filter: "udp port 500 and src host 203.0.113.10", set: {{spiInitiator: 0xabcdef, sourcePort: 4444}}}}}}
  - inject: {{at: internet, forge: {{from: 192.168.2.11, to: txl-gw, ttl: 33, icmp: {{identifier: 5, sequence: 6}}}}}}
  - wait: 1s
"""
FIELDS = ["frame.comment", "_ws.malformed", "ip.checksum.status", "udp.checksum.status", "ip.ttl", "udp.srcport",
          "isakmp.ispi", "isakmp.exchangetype", "isakmp.messageid", "isakmp.notify.msgtype", "esp.spi", "esp.sequence",
          "icmp.seq"]
#           comment        malformed, checksums good (1) or none (udp of ESP: 3, not checked)
EXPECTED = [
    ["injected by line 5", "", "1", "1", "64", "500", "1122334455667788", "34", "0x00000000", "17", "", "", ""],
    ["injected by line 6", "", "1", "1", "64", "4500", None, "37", "0x00000007", "", "", "", ""],
    ["injected by line 7", "", "1", "", "64", "", "", "", "", "", "0xc0ffee00", "9", ""],
    ["injected by line 8", "", "1", "3", "64", "4500", "", "", "", "", "0xc0ffee01", "10", ""],
    ["injected by line 9", "", "1", "1", "64", "4444", "0000000000abcdef", "34", "0x00000000", None, "", "", ""],
    ["injected by line 10", "", "1", "", "33", "", "", "", "", "", "", "", "6"],
]


def dissect(program, folder):
    """The rows of FIELDS of the injected packets, as the capture of the internet has them."""
    path = pathlib.Path(folder) / "forged.yaml"
    base = pathlib.Path(__file__).parent.resolve() / "yaml" / "_base.yaml"
    path.write_text(SCENARIO.format(base=base), encoding="utf-8")
    subprocess.run([program, "run", "--quiet", "--allow-inconclusive", "--out", folder, str(path)], check=True,
                   stdout=subprocess.DEVNULL, timeout=60)
    call = ["tshark", "-r", f"{folder}/forged/capture.pcapng", "-Y",
            'frame.interface_name == "internet" && frame.comment contains "injected"', "-T", "fields",
            "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    for field in FIELDS:
        call += ["-e", field]
    done = subprocess.run(call, check=True, capture_output=True, text=True, timeout=120)
    return [line.split("\t") for line in done.stdout.splitlines()]


def main(program):
    """Status 1, with both rows, where one differs."""
    with tempfile.TemporaryDirectory(prefix="tunnelbed-test-") as folder:
        rows = dissect(program, folder)
    bad = len(rows) != len(EXPECTED)
    for found, expected in zip(rows, EXPECTED):
        comment = found[0].split(";")[0]
        right = comment == expected[0] and all(e is None or f == e for f, e in zip(found[1:], expected[1:]))
        bad |= not right
        print("ok" if right else f"not ok: found {found}, expected {expected}")
    print(f"{len(rows)} packets, {len(EXPECTED)} expected")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
