/* NAT detection: RFC 7296 2.23. */
#include "ipsec/ike/natd.h"

#include "ipsec/crypto/hash.h"
#include "ipsec/ike/payload.h"

_Static_assert(IKE_NATD_SIZE == CRYPTO_SHA1_SIZE, "the data is one SHA-1");

void ike_natd_hash(struct crypto_context *context, uint64_t spi_i, uint64_t spi_r,
                   const struct net_addr *addr, uint16_t port, uint8_t out[IKE_NATD_SIZE])
{
    uint8_t bytes[2 * IKE_SPI_SIZE + sizeof(addr->bytes) + sizeof(port)];
    struct base_writer w = base_writer_of(bytes, sizeof(bytes));
    base_write_u64(&w, spi_i);
    base_write_u64(&w, spi_r);
    base_write_bytes(&w, addr->bytes, net_addr_size(addr));
    base_write_u16(&w, port);
    crypto_sha1(context, &(struct crypto_slice){bytes, w.size}, 1, out);
}

enum ike_natd ike_natd_check(struct crypto_context *context, const struct ike_message *m,
                             uint16_t type, const struct net_addr *addr, uint16_t port)
{
    uint8_t hash[IKE_NATD_SIZE];
    enum ike_natd result = IKE_NATD_ABSENT;
    ike_natd_hash(context, m->header.spi_i, m->header.spi_r, addr, port, hash);
    for (size_t i = 0; i < m->count; i++) {
        struct ike_notify_payload notify;
        if (m->payloads[i].type != IKE_PAYLOAD_NOTIFY ||
            ike_notify_read(&notify, &m->payloads[i]) != IKE_WIRE_OK || notify.type != type)
            continue;
        if (notify.size == sizeof(hash) && !memcmp(notify.data, hash, sizeof(hash)))
            return IKE_NATD_SAME;
        result = IKE_NATD_NAT;
    }
    return result;
}
