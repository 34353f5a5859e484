/*
 * A datagram on port 500 before anything of it is authenticated: header, payload chain, every
 * body.
 */
#include "fuzz/fuzz.h"

#include "ipsec/ike/natd.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ike_message m;
    struct net_addr addr = net_addr_from_ip4(NET_IP4(203, 0, 113, 10));
    enum ike_wire_status status = ike_message_parse(&m, data, size);
    if (status == IKE_WIRE_SHORT)
        return 0;
    for (size_t i = 0; i < m.count; i++) {
        size_t at = (size_t)(m.payloads[i].body - data);
        assert(at <= size && m.payloads[i].size <= size - at);
    }
    fuzz_ike_bodies(&m);
    if (status == IKE_WIRE_OK)
        (void)ike_natd_check(fuzz_context(), &m, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, &addr, 500);
    return 0;
}
