/* Identities: RFC 7296 3.5. */
#include "ipsec/ike/id.h"

#include "net/addr.h"

#include <stdio.h>
#include <string.h>

#define ID_HEADER_SIZE 4 /* type and three reserved octets */

static bool size_fits(uint8_t type, size_t size)
{
    if (type == IKE_ID_IPV4_ADDR)
        return size == 4;
    if (type == IKE_ID_IPV6_ADDR)
        return size == 16;
    return size > 0;
}

enum ike_wire_status ike_id_read(struct ike_id *out, const struct ike_payload *payload)
{
    if (payload->size < ID_HEADER_SIZE)
        return IKE_WIRE_SYNTAX;
    size_t size = (size_t)payload->size - ID_HEADER_SIZE;
    uint8_t type = payload->body[0];
    if (!size_fits(type, size))
        return IKE_WIRE_SYNTAX;
    if (size > IKE_ID_SIZE_MAX)
        return IKE_WIRE_LIMIT;
    out->type = type;
    out->size = (uint8_t)size;
    memcpy(out->data, payload->body + ID_HEADER_SIZE, size);
    return IKE_WIRE_OK;
}

size_t ike_id_body(const struct ike_id *id, uint8_t *out)
{
    memset(out, 0, ID_HEADER_SIZE);
    out[0] = id->type;
    memcpy(out + ID_HEADER_SIZE, id->data, id->size);
    return ID_HEADER_SIZE + (size_t)id->size;
}

void ike_write_id(struct ike_builder *b, uint8_t type, const struct ike_id *id)
{
    uint8_t body[ID_HEADER_SIZE + IKE_ID_SIZE_MAX];
    ike_builder_raw(b, type, body, ike_id_body(id, body));
}

bool ike_id_equal(const struct ike_id *a, const struct ike_id *b)
{
    return a->type == b->type && a->size == b->size && !memcmp(a->data, b->data, a->size);
}

static bool set(struct ike_id *out, uint8_t type, const void *data, size_t size)
{
    if (size == 0 || size > IKE_ID_SIZE_MAX)
        return false;
    out->type = type;
    out->size = (uint8_t)size;
    memcpy(out->data, data, size);
    return true;
}

static int hex_digit(char c)
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *found = c ? strchr(DIGITS, c | 0x20) : NULL;
    return found ? (int)(found - DIGITS) : -1;
}

static bool parse_key_id(struct ike_id *out, const char *text)
{
    uint8_t data[IKE_ID_SIZE_MAX];
    size_t length = strlen(text);
    if (length % 2 || length / 2 > sizeof(data))
        return false;
    for (size_t i = 0; i < length / 2; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        data[i] = (uint8_t)(high << 4 | low);
    }
    return set(out, IKE_ID_KEY_ID, data, length / 2);
}

bool ike_id_parse(struct ike_id *out, const char *text)
{
    struct net_addr addr;
    if (net_addr_parse(text, &addr))
        return set(out, addr.family == NET_ADDR_IP4 ? IKE_ID_IPV4_ADDR : IKE_ID_IPV6_ADDR,
                   addr.bytes, net_addr_size(&addr));
    if (text[0] == '@' && text[1] == '#')
        return parse_key_id(out, text + 2);
    if (text[0] == '@')
        return set(out, IKE_ID_FQDN, text + 1, strlen(text + 1));
    return set(out, strchr(text, '@') ? IKE_ID_RFC822_ADDR : IKE_ID_FQDN, text, strlen(text));
}

static const char *format_address(const struct ike_id *id, char *out)
{
    struct net_addr addr = {.family = id->type == IKE_ID_IPV4_ADDR ? NET_ADDR_IP4 : NET_ADDR_IP6};
    memcpy(addr.bytes, id->data, id->size);
    return net_addr_format(&addr, out);
}

const char *ike_id_format(const struct ike_id *id, char *out)
{
    if ((id->type == IKE_ID_IPV4_ADDR && id->size == 4) ||
        (id->type == IKE_ID_IPV6_ADDR && id->size == 16))
        return format_address(id, out);
    bool name = id->type == IKE_ID_FQDN || id->type == IKE_ID_RFC822_ADDR;
    size_t at = 0;
    for (size_t i = 0; i < id->size; i++) {
        uint8_t c = id->data[i];
        if (name && c > 0x20 && c < 0x7f && c != '\\')
            out[at++] = (char)c;
        else
            at += (size_t)snprintf(out + at, IKE_ID_TEXT_MAX - at, name ? "\\x%02x" : "%02x", c);
    }
    out[at] = '\0';
    return out;
}
