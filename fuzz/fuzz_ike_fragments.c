/*
 * Fragments of RFC 7383 that are already opened, in any order and with any numbers. The input is a
 * list of (message ID, number, total, size) in one octet each, then the piece's octets.
 */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "ipsec/ike/fragment.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct ike_fragments f;
    ike_fragments_init(&f);
    while (base_reader_left(&r)) {
        uint8_t bytes[256] = {0};
        struct ike_message m = {.header = {.message_id = base_read_u8(&r) & 3u}};
        struct ike_inner piece = {.chain = bytes, .first = IKE_PAYLOAD_NOTIFY};
        struct ike_inner whole;
        piece.fragment_number = base_read_u8(&r);
        piece.fragment_total = base_read_u8(&r);
        piece.size = base_read_u8(&r);
        base_read_copy(&r, bytes, piece.size);
        enum ike_wire_status status = ike_fragments_add(&f, &m, &piece, &whole);
        assert(f.bytes <= IKE_FRAGMENTS_BYTES_MAX && (f.total == 0 || f.have < f.total));
        if (status != IKE_WIRE_OK)
            continue;
        m = (struct ike_message){.count = 0};
        if (ike_message_parse_inner(&m, whole.first, whole.chain, whole.size) == IKE_WIRE_OK)
            fuzz_ike_bodies(&m);
    }
    ike_fragments_fini(&f);
    return 0;
}
