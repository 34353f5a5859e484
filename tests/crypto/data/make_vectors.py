#!/usr/bin/env python3
"""Makes modp.txt and aes-ccm-128.txt: vectors for what no document publishes any.

A second implementation, which shares nothing with libcrypto: Python's own integers for the MODP groups, with
the primes computed from the digits of pi as RFC 3526 defines them; AES by FIPS 197 and CCM by RFC 3610 written
out here, and tried on published vectors first. Run it in its folder; the files never change.
"""
import hashlib


def pi_floor(bits):
    """floor(2^bits * pi), by Machin's formula."""
    guard = 64

    def arctan_inverse(x):
        total = term = (1 << (bits + guard)) // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return (4 * (4 * arctan_inverse(5) - arctan_inverse(239))) >> guard


# RFC 3526 sections 4 and 5: p = 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + c)
PRIMES = {
    "15-MODP3072": 2**3072 - 2**3008 - 1 + 2**64 * (pi_floor(2942) + 1690314),
    "16-MODP4096": 2**4096 - 2**4032 - 1 + 2**64 * (pi_floor(3966) + 240904),
}


def private_value(label):
    return int.from_bytes(hashlib.sha512(label.encode()).digest()[:40], "big")


def modp_record(case, group, i, r):
    p = PRIMES[group]
    size = p.bit_length() // 8
    shared = pow(pow(2, i, p), r, p)
    text = lambda n: n.to_bytes(size, "big").hex()
    return (f"case = {case}\ngroup = {group}\nprime = {text(p)}\nprivate_i = {i:080x}\n"
            f"public_i = {text(pow(2, i, p))}\nprivate_r = {r:080x}\npublic_r = {text(pow(2, r, p))}\n"
            f"shared = {text(shared)}\n")


def modp_file():
    out = ["# Diffie-Hellman in the groups of RFC 3526, made by make_vectors.py with Python's integers. The second\n"
           "# record of a group has a shared secret that begins with a zero octet, the third a public value that does.\n"]
    for group, p in PRIMES.items():
        top = p.bit_length() - 8
        i, r = private_value(group + " i"), private_value(group + " r")
        out.append(modp_record(group, group, i, r))
        g_i = pow(2, i, p)
        n = next(n for n in range(10000) if pow(g_i, private_value(f"{group} r{n}"), p) >> top == 0)
        out.append(modp_record(group + ", short secret", group, i, private_value(f"{group} r{n}")))
        n = next(n for n in range(10000) if pow(2, private_value(f"{group} i{n}"), p) >> top == 0)
        out.append(modp_record(group + ", short public value", group, private_value(f"{group} i{n}"), r))
    return "\n".join(out)


def xtime(a):
    return ((a << 1) ^ 0x1B) & 0xFF if a & 0x80 else a << 1


def make_sbox():
    sbox, p, q = [0] * 256, 1, 1
    while True:  # p runs through the field's elements, q through their inverses
        p ^= xtime(p)
        q ^= q << 1
        q ^= q << 2
        q = (q ^ (q << 4)) & 0xFF
        if q & 0x80:
            q ^= 0x09
        rotations = q
        for n in range(1, 5):
            rotations ^= ((q << n) | (q >> (8 - n))) & 0xFF
        sbox[p] = rotations ^ 0x63
        if p == 1:
            break
    sbox[0] = 0x63
    return sbox


SBOX = make_sbox()


def expand_key(key):
    words = [list(key[i:i + 4]) for i in range(0, len(key), 4)]
    n, rcon = len(words), 1
    for i in range(n, 4 * (n + 7)):
        word = list(words[-1])
        if i % n == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = xtime(rcon)
        elif n > 6 and i % n == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - n], word)])
    flat = [b for word in words for b in word]
    return [flat[i:i + 16] for i in range(0, len(flat), 16)]


def aes(key, block):
    rounds = expand_key(key)
    state = [a ^ b for a, b in zip(block, rounds[0])]
    for number, round_key in enumerate(rounds[1:], 1):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < len(rounds) - 1:
            mixed = []
            for c in range(0, 16, 4):
                column = state[c:c + 4]
                every = column[0] ^ column[1] ^ column[2] ^ column[3]
                mixed += [column[i] ^ every ^ xtime(column[i] ^ column[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, round_key)]
    return bytes(state)


def ccm(key, nonce, aad, plain, icv_size):
    """RFC 3610 section 2: (ciphertext, ICV)."""
    xor = lambda a, b: bytes(x ^ y for x, y in zip(a, b))
    pad = lambda b: b + bytes(-len(b) % 16)
    length_size = 15 - len(nonce)
    flags = (0x40 if aad else 0) | ((icv_size - 2) // 2) << 3 | (length_size - 1)
    blocks = bytes([flags]) + nonce + len(plain).to_bytes(length_size, "big")
    if aad:
        blocks += pad(len(aad).to_bytes(2, "big") + aad)
    blocks += pad(plain)
    mac = bytes(16)
    for i in range(0, len(blocks), 16):
        mac = aes(key, xor(mac, blocks[i:i + 16]))
    stream = [aes(key, bytes([length_size - 1]) + nonce + n.to_bytes(length_size, "big"))
              for n in range(len(plain) // 16 + 2)]
    return xor(plain, b"".join(stream[1:])), xor(mac, stream[0])[:icv_size]


def check():
    h = bytes.fromhex
    assert aes(h("000102030405060708090a0b0c0d0e0f"), h("00112233445566778899aabbccddeeff")) \
        == h("69c4e0d86a7b0430d8cdb78070b4c55a")  # FIPS 197 appendix C.1
    assert ccm(h("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"), h("00000003020100a0a1a2a3a4a5"), h("0001020304050607"),
               h("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e"), 8) \
        == (h("588c979a61c663d2f066d0c2c0f989806d5f6b61dac384"), h("17e8d12cfdf926e0"))  # RFC 3610 vector 1
    assert ccm(h("7cc8183b8d99e07c4541b8bd5ca7c2328ab80259a4fea92c09759a9b3c9b2739"), h("f9d94e63b53d9d43f61e50"),
               h("57f56b8b575c3d3b1302010c834c96358ed639cf7d149b94b03936e68f57e013"),
               h("3b6c2936b6ef07a68372074fcffa66895fcab1bad58f2c2730db750993d465e4"), 12) \
        == (h("b0885a33aae5c71d8523c7c62ff41e3dcc63442507784f9e96b888ebbc481f06"), h("39af39acd84a80397b728af7"))


def ccm_file():
    out = ["# AES-CCM in ESP (RFC 4309) with 128 bits, made by make_vectors.py: no document has a vector with a nonce of 11\n"
           "# octets and an ICV of 12. Key (the salt behind it), IV, aad, plaintext, ciphertext, ICV.\n"]
    draw = lambda label, size: hashlib.sha512(label.encode()).digest()[:size]
    for n, (aad_size, size) in enumerate([(8, 1), (8, 16), (12, 52), (32, 64), (0, 33)]):
        key, salt, iv = draw(f"key {n}", 16), draw(f"salt {n}", 3), draw(f"iv {n}", 8)
        aad, plain = draw(f"aad {n}", aad_size), draw(f"plain {n}", size)
        cipher, icv = ccm(key, salt + iv, aad, plain, 12)
        out.append(f"case = aad of {aad_size}, data of {size}\nencr = AES128-CCM-12\nkey = {(key + salt).hex()}\n"
                   f"iv = {iv.hex()}\naad = {aad.hex()}\nplain = {plain.hex()}\ncipher = {cipher.hex()}\nicv = {icv.hex()}\n")
    return "\n".join(out)


check()
for name, text in (("modp.txt", modp_file()), ("aes-ccm-128.txt", ccm_file())):
    with open(name, "w", encoding="ascii") as f:
        f.write(text.replace(" = \n", " =\n"))
