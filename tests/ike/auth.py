"""AUTH of RFC 7296 section 2.15 with Python's hmac, an implementation of which nothing here is used elsewhere.

Each line of standard input: hash, then as hex PSK, the signer's IKE_SA_INIT message, the other's nonce, SK_p, the ID
payload's body, and the AUTH that was sent. Ends with 1 where one differs.
"""
import hmac
import sys


def prf(name, key, data):
    return hmac.new(key, data, name).digest()


lines = 0
for line in sys.stdin:
    name, *fields = line.split()
    psk, message, nonce, sk_p, body, sent = (bytes.fromhex(f) for f in fields)
    octets = message + nonce + prf(name, sk_p, body)
    if prf(name, prf(name, psk, b"Key Pad for IKEv2"), octets) != sent:
        sys.exit(f"AUTH differs: {line}")
    lines += 1
sys.exit(lines == 0)
