/* The body of a TSi or TSr payload, narrowed by configured selectors and written again. */
#include "fuzz/fuzz.h"

#include "ipsec/ike/ts.h"

#include <assert.h>

static void add_prefix(struct ike_ts_list *list, const char *text)
{
    struct net_prefix prefix;
    bool good = net_prefix_parse(text, NET_PREFIX_MASK, &prefix);
    struct ike_ts ts = ike_ts_from_prefix(&prefix);
    good = good && ike_ts_list_add(list, &ts);
    assert(good);
}

static void write_and_read(const struct ike_ts_list *list)
{
    static uint8_t bytes[16 * 1024];
    struct ike_builder b;
    struct ike_message m;
    struct ike_ts_list again;
    struct ike_header header = {.spi_i = 1, .exchange = IKE_EXCHANGE_IKE_AUTH};
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_write_ts(&b, IKE_PAYLOAD_TSI, list);
    enum ike_wire_status status = ike_message_parse(&m, bytes, ike_builder_finish(&b));
    assert(status == IKE_WIRE_OK);
    status = ike_ts_read(&again, &m.payloads[0]);
    assert(status == IKE_WIRE_OK && ike_ts_list_equal(list, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ike_ts_list configured = {.count = 0};
    struct ike_ts_list proposed;
    struct ike_ts_list narrowed;
    char text[512];
    if (size > UINT16_MAX)
        return 0;
    struct ike_payload payload = {.type = IKE_PAYLOAD_TSI, .size = (uint16_t)size, .body = data};
    if (ike_ts_read(&proposed, &payload) != IKE_WIRE_OK)
        return 0;
    (void)ike_ts_list_format(&proposed, text, sizeof(text));
    if (proposed.count)
        write_and_read(&proposed);
    add_prefix(&configured, "192.168.0.0/16");
    add_prefix(&configured, "10.0.0.0/8");
    add_prefix(&configured, "2001:db8::/32");
    if (ike_ts_narrow(&configured, &proposed, &narrowed) != IKE_WIRE_OK)
        return 0;
    bool inside =
        ike_ts_list_contains(&configured, &narrowed) && ike_ts_list_contains(&proposed, &narrowed);
    assert(inside);
    return 0;
}
