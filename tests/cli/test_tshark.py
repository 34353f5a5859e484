#!/usr/bin/env python3
"""tshark as the judge of what is on the wire: with the key tables of a run it opens every IKE message and every ESP
packet of capture.pcapng and internet.pcap, finds the echoes inside and calls every ICV good that it can check."""
import collections
import itertools

from harness import ProgramTest, ROOT, main

SCENARIO = ROOT / "tests/scenarios/yaml/_algorithms.yaml"
ENCRYPTIONS = ("AES128", "AES256", "AES128-CTR", "AES256-CTR", "AES128-GCM-16", "AES256-GCM-16", "AES128-GCM-12",
               "AES256-GCM-12", "AES128-CCM-12", "AES256-CCM-12")
INTEGRITIES = ("SHA256", "SHA384", "SHA512", "AES-XCBC")
SK, DELETE = "46", "42"
FIELDS = ("frame.protocols", "isakmp.exchangetype", "isakmp.typepayload", "isakmp.flag_r", "esp.spi", "icmp.type",
          "esp.icv_good", "esp.icv_bad", "udp.dstport", "_ws.expert.message", "isakmp.notify.msgtype")


class Wire(ProgramTest):
    """Runs of one scenario with many sets of algorithms."""

    def dissect(self, file, folder):
        """A row of fields a packet; several values of a field are separated by commas."""
        asked = [part for field in FIELDS for part in ("-e", field)]
        text = self.tshark("-n", "-r", folder / file, "-T", "fields", *asked, profile=folder / "wireshark")
        return [dict(zip(FIELDS, line.split("\t"))) for line in text.splitlines()]

    def assert_opened(self, rows, icv_is_checked):
        """Nothing sealed stays sealed."""
        counts = collections.Counter()
        for row in rows:
            self.assertFalse(row["_ws.expert.message"].replace("No response seen to ICMP request", ""), row)
            if row["isakmp.exchangetype"] in ("35", "36", "37"):
                payloads = row["isakmp.typepayload"].split(",")
                self.assertEqual(payloads[0], SK, row)
                empty_answer = row["isakmp.exchangetype"] == "37" and row["isakmp.flag_r"] == "1"
                self.assertTrue(len(payloads) > 1 or empty_answer, row)
                counts["ike"] += 1
            if row["esp.spi"]:
                self.assertIn(row["icmp.type"], ("0", "8"), row)
                self.assertNotIn(row["esp.icv_bad"], ("1", "True"), row)
                if icv_is_checked:
                    self.assertIn(row["esp.icv_good"], ("1", "True"), row)
                counts["esp"] += 1
                counts["udp"] += row["udp.dstport"] != ""
        return counts

    def judge(self, ike, esp, *more, icv_is_checked=None):
        """One run; both files."""
        sets = []
        for side in ("vdcs.txl.gateway.tunnels.lhr-tunnel", "vdcs.lhr.gateway.tunnels.txl-tunnel"):
            for part, (encryption, integrity) in (("ike", ike), ("esp", esp)):
                sets += ["--set", f"{side}.{part}={{diffieHellmanGroup: 19-ECP256, encryptionAlgorithm: {encryption}, "
                                  f"integrityAlgorithm: {integrity}}}"]
        self.run_scenario("--quiet", *sets, *more, SCENARIO)
        folder = self.out / SCENARIO.stem
        if icv_is_checked is None:
            icv_is_checked = "CCM" not in esp[0] and ("GCM" in esp[0] or esp[1] != "AES-XCBC")
        counts = self.assert_opened(self.dissect("internet.pcap", folder), icv_is_checked)
        self.assertGreaterEqual(counts["ike"], 10)
        self.assertEqual(counts["esp"], 16)
        whole = self.assert_opened(self.dissect("capture.pcapng", folder), icv_is_checked)
        # Both gateways' ports and the internet.
        self.assertEqual(whole["esp"], 3 * 16)
        self.assertEqual(whole["ike"], 3 * counts["ike"])
        return counts

    def test_every_encryption_and_integrity(self):
        """In IKE and in ESP; each encryption, with the integrities in turn, and each integrity with CBC."""
        integrities = itertools.cycle(INTEGRITIES)
        pairs = [(encryption, next(integrities)) for encryption in ENCRYPTIONS]
        pairs += [("AES128", integrity) for integrity in INTEGRITIES]
        for ike, esp in zip(pairs, pairs[3:] + pairs[:3]):
            with self.subTest(ike=ike, esp=esp):
                self.judge(ike, esp)

    def test_udp_encapsulation(self):
        """ESP in UDP 4500 beside IKE with its marker."""
        counts = self.judge(("AES128-CTR", "SHA256"), ("AES128-CTR", "SHA256"), "--set",
                            "vdcs.txl.gateway.behaviour.forceUdpEncapsulation=true", "--set",
                            "expect.2.capture={at: internet, filter: udp port 4500, count: '>= 20'}")
        self.assertEqual(counts["udp"], counts["esp"])

    def test_extended_sequence_numbers(self):
        """ESN on both: opened all the same; 4.0 has no right word on the ICV of AES-CBC and HMAC then."""
        esn = [part for vdc in ("txl", "lhr") for part in ("--set", f"vdcs.{vdc}.gateway.behaviour.esn=true")]
        self.run_scenario("--quiet", *esn, SCENARIO)
        rows = self.dissect("internet.pcap", self.out / SCENARIO.stem)
        sealed = [row for row in rows if row["esp.spi"]]
        self.assertEqual(len(sealed), 16)
        self.assertTrue(all(row["icmp.type"] in ("0", "8") for row in sealed), sealed[:2])
        lines = (self.out / SCENARIO.stem / "wireshark/esp_sa").read_text().splitlines()
        self.assertGreaterEqual(len(lines), 4)

    def test_fragmented_ike(self):
        """Twenty selectors a side, most of IPv6: IKE_AUTH comes in SKF payloads, and tshark joins and opens them."""
        self.run_scenario("--quiet", "--set", "steps=[{initiate: {on: txl-gw}}]", "--set",
                          "expect=[]", "--set", "vdcs.lhr.gateway.tunnels.txl-tunnel.peerNetworkCIDRs=" + self.many(1),
                          "--set", "vdcs.txl.gateway.tunnels.lhr-tunnel.cloudNetworkCIDRs=" + self.many(1),
                          "--set", "vdcs.lhr.gateway.tunnels.txl-tunnel.cloudNetworkCIDRs=" + self.many(2),
                          "--set", "vdcs.txl.gateway.tunnels.lhr-tunnel.peerNetworkCIDRs=" + self.many(2), SCENARIO)
        rows = self.dissect("internet.pcap", self.out / SCENARIO.stem)
        auth = [row for row in rows if row["isakmp.exchangetype"] == "35"]
        self.assertGreater(len(auth), 2)
        self.assertTrue(all("53" in row["isakmp.typepayload"] for row in auth), auth)
        opened = [row for row in auth if {"44", "45"} <= set(row["isakmp.typepayload"].split(","))]
        self.assertEqual(len(opened), 2, auth)

    @staticmethod
    def many(vdc):
        """Twenty networks, the LAN's among them."""
        return "[" + ", ".join([f"192.168.{vdc}.0/24"] + [f"2001:db8:{vdc}:{n}::/64" for n in range(19)]) + "]"

    def test_keys_of_collided_rekeys(self):
        """Each SA that ever carried a packet is in the table, that of a rekey that lost too."""
        steps = ("[{initiate: {on: txl-gw}}, {ping: {from: txl-host1, to: lhr-host1, count: 300, interval: 10ms}, "
                 "background: true}, {ping: {from: lhr-host1, to: txl-host1, count: 300, interval: 10ms}, "
                 "background: true}, {wait: 1s}, {rekey: {on: txl-gw}, background: true}, {rekey: {on: lhr-gw}}, "
                 "{rekey: {on: txl-gw, what: ike}, background: true}, {rekey: {on: lhr-gw, what: ike}}, {wait: 20s}]")
        for seed in range(1, 5):
            self.run_scenario("--quiet", "--seed", seed, "--set", f"steps={steps}", "--set", "expect=[]", SCENARIO)
            counts = self.assert_opened(self.dissect("internet.pcap", self.out / SCENARIO.stem), True)
            self.assertEqual(counts["esp"], 1200)
            self.assertGreaterEqual(counts["ike"], 16)


if __name__ == "__main__":
    main()
