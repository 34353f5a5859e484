/* Single values that need no model: texts, numbers, durations, addresses. */
#include "scenarios/values.h"

#include "scenarios/timestamp.h"

#include <string.h>

static bool parse_failed(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node)
{
    return scn_bind_bad_value(b, type, key, node);
}

/* --- Texts ----------------------------------------------------------------------------------- */

static bool check_length(struct scn_bind *b, const struct scn_key *key, const struct scn_node *node)
{
    size_t length = base_text_length(node->text);
    if (key && key->max && length > key->max)
        return scn_bind_error(b, "too-long", node, key, NULL,
                              "%zu characters are too many (at most %zu)", length,
                              (size_t)key->max);
    if (key && length < key->min)
        return scn_bind_error(b, "too-short", node, key, NULL,
                              "%zu characters are too few (at least %zu)", length,
                              (size_t)key->min);
    return true;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

static bool read_text(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node) || !check_length(b, key, node))
        return false;
    if (type == &scn_text && has_control(node->text))
        return scn_bind_error(b, "bad-value", node, key, "write it on one line",
                              "a line break or control character stands in it");
    *(const char **)slot = scn_bind_text(b, node->text);
    return true;
}

const struct scn_type scn_text = {
    .kind = SCN_TYPE_VALUE,
    .name = "a text",
    .about = "write a text on one line",
    .read = read_text,
    .schema = "\"type\": [\"string\", \"number\"]",
};

const struct scn_type scn_long_text = {
    .kind = SCN_TYPE_VALUE,
    .name = "a text",
    .about = "write a text, of several lines with |",
    .read = read_text,
    .schema = "\"type\": [\"string\", \"number\"]",
};

const struct scn_type scn_texts = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of texts",
    .about = "a list of texts",
    .of = &scn_text,
    .size = sizeof(const char *),
    .or_one = true,
};

/* --- Numbers --------------------------------------------------------------------------------- */

static bool read_bool(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    /* YAML 1.1 */
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON"};
    static const char *const no[] = {"false", "False", "FALSE", "no", "No",
                                     "NO",    "off",   "Off",   "OFF"};
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    for (size_t i = 0; i < SCN_COUNT(yes); i++)
        if (!strcmp(node->text, yes[i]) || !strcmp(node->text, no[i])) {
            *(bool *)slot = !strcmp(node->text, yes[i]);
            return true;
        }
    return parse_failed(b, type, key, node);
}

const struct scn_type scn_bool = {
    .kind = SCN_TYPE_VALUE,
    .name = "true or false",
    .about = "write true or false",
    .read = read_bool,
    .schema = "\"type\": \"boolean\"",
};

/* Digits, maybe with a minus before them: a number at least, if not one that can stand here. */
static bool is_integer(const char *text)
{
    const char *digits = text + (*text == '-');
    return *digits && !digits[strspn(digits, "0123456789")];
}

static bool read_number(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, uint64_t largest, uint64_t *out)
{
    uint64_t value = 0;
    uint64_t min = key ? key->min : 0, max = key && key->max ? key->max : largest;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    bool fits = base_text_unsigned(node->text, UINT64_MAX, &value);
    if (!fits && !is_integer(node->text))
        return parse_failed(b, type, key, node);
    if (!fits || value < min || value > max)
        return scn_bind_error(b, "out-of-range", node, key, NULL, "%s is not in %llu to %llu",
                              node->text, (unsigned long long)min, (unsigned long long)max);
    *out = value;
    return true;
}

static bool read_u64(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    return read_number(b, type, key, node, UINT64_MAX, slot);
}

static bool read_u32(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    uint64_t value = 0;
    if (!read_number(b, type, key, node, UINT32_MAX, &value))
        return false;
    *(uint32_t *)slot = (uint32_t)value;
    return true;
}

static bool read_u8(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                    const struct scn_node *node, void *slot)
{
    uint64_t value = 0;
    if (!read_number(b, type, key, node, UINT8_MAX, &value))
        return false;
    *(uint8_t *)slot = (uint8_t)value;
    return true;
}

#define NUMBER(id, reader)                                                                         \
    const struct scn_type id = {                                                                   \
        .kind = SCN_TYPE_VALUE,                                                                    \
        .name = "a whole number",                                                                  \
        .about = "write a whole number in decimal digits",                                         \
        .read = reader,                                                                            \
        .schema =                                                                                  \
            "\"type\": [\"integer\", \"string\"], \"minimum\": 0, \"pattern\": \"^[0-9]+$\"",      \
    }

NUMBER(scn_u64, read_u64);
NUMBER(scn_u32, read_u32);
NUMBER(scn_u8, read_u8);

static bool read_factor(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    /* A percent is read by the same rules: digits, at most one point. */
    char percent[32];
    double value = 0;
    size_t size = strlen(node->text);
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (size > sizeof(percent) - 2)
        return parse_failed(b, type, key, node);
    memcpy(percent, node->text, size);
    memcpy(percent + size, "%", 2);
    if (!base_text_percent(percent, &value))
        return parse_failed(b, type, key, node);
    value *= 100;
    if (value < (double)key->min || value > (double)key->max)
        return scn_bind_error(b, "out-of-range", node, key, NULL, "%s is not in %llu to %llu",
                              node->text, (unsigned long long)key->min,
                              (unsigned long long)key->max);
    *(double *)slot = value;
    return true;
}

const struct scn_type scn_factor = {
    .kind = SCN_TYPE_VALUE,
    .name = "a number",
    .about = "write a number such as 1.8",
    .read = read_factor,
    .schema = "\"type\": \"number\"",
};

/* --- Durations, rates, shares ----------------------------------------------------------------- */

static bool read_duration(struct scn_bind *b, const struct scn_type *type,
                          const struct scn_key *key, const struct scn_node *node, void *slot)
{
    base_ns value;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!base_text_duration(node->text, &value) || (type == &scn_span && value == 0))
        return parse_failed(b, type, key, node);
    if (key && value < (base_ns)key->min) {
        char least[BASE_TEXT_MAX];
        return scn_bind_error(b, "out-of-range", node, key, NULL, "%s is less than %s", node->text,
                              base_format_duration((base_ns)key->min, least));
    }
    *(base_ns *)slot = value;
    return true;
}

#define DURATION_SCHEMA "\"$ref\": \"#/definitions/duration\""

const struct scn_type scn_duration = {
    .kind = SCN_TYPE_VALUE,
    .name = "a duration",
    .about = "write a number with its unit: 250us, 12ms, 4s, 3m, 1h, 2d",
    .read = read_duration,
    .schema = DURATION_SCHEMA,
};

const struct scn_type scn_span = {
    .kind = SCN_TYPE_VALUE,
    .name = "a duration above 0",
    .about = "write a number with its unit: 250us, 12ms, 4s, 3m, 1h, 2d",
    .read = read_duration,
    .schema = DURATION_SCHEMA,
};

static bool read_rate(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    return base_text_rate(node->text, slot) || parse_failed(b, type, key, node);
}

const struct scn_type scn_rate = {
    .kind = SCN_TYPE_VALUE,
    .name = "a rate",
    .about = "write bits a second with their unit: 10kbit, 10Mbit, 1Gbit",
    .read = read_rate,
    .schema = "\"$ref\": \"#/definitions/rate\"",
};

static bool read_percent(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    return base_text_percent(node->text, slot) || parse_failed(b, type, key, node);
}

const struct scn_type scn_percent = {
    .kind = SCN_TYPE_VALUE,
    .name = "a percentage",
    .about = "write 0% to 100%, such as 0.5%",
    .read = read_percent,
    .schema = "\"$ref\": \"#/definitions/percent\"",
};

static bool read_time(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    return scn_timestamp_parse(node->text, slot) || parse_failed(b, type, key, node);
}

const struct scn_type scn_time = {
    .kind = SCN_TYPE_VALUE,
    .name = "a time",
    .about = "write UTC as 2026-01-01T00:00:00Z, from 1970 to 2199",
    .read = read_time,
    .schema = "\"type\": \"string\"",
};

/* --- Comparisons ------------------------------------------------------------------------------ */

static bool read_comparison(struct scn_bind *b, const struct scn_type *type,
                            const struct scn_key *key, const struct scn_node *node, void *slot)
{
    enum base_unit unit = type == &scn_duration_cmp ? BASE_UNIT_DURATION : BASE_UNIT_COUNT;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    return base_text_comparison(node->text, unit, slot) || parse_failed(b, type, key, node);
}

const struct scn_type scn_count_cmp = {
    .kind = SCN_TYPE_VALUE,
    .name = "a count to compare with",
    .about = "write a number, or \">= 3\", \"< 4\", \"2..5\" in quotes",
    .read = read_comparison,
    .schema = "\"$ref\": \"#/definitions/count\"",
};

const struct scn_type scn_duration_cmp = {
    .kind = SCN_TYPE_VALUE,
    .name = "a duration to compare with",
    .about = "write \"< 40ms\", \">= 1s\", \"10ms..40ms\" in quotes",
    .read = read_comparison,
    .schema = "\"$ref\": \"#/definitions/durationComparison\"",
};

/* --- Addresses and networks ------------------------------------------------------------------- */

static bool read_address(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    struct net_addr address;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!net_addr_parse(node->text, &address))
        return parse_failed(b, type, key, node);
    if (address.family != NET_ADDR_IP4)
        return scn_bind_error(b, "not-yet-supported", node, key,
                              "hosts and gateways have IPv4 alone",
                              "the IPv6 address %s is not yet supported here", node->text);
    *(struct net_addr *)slot = address;
    return true;
}

const struct scn_type scn_address = {
    .kind = SCN_TYPE_VALUE,
    .name = "an IPv4 address",
    .about = "write four decimal numbers: 192.168.1.5",
    .read = read_address,
    .schema = "\"$ref\": \"#/definitions/ipv4\"",
};

static bool read_prefix(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, enum net_prefix_host_bits bits,
                        struct net_prefix *out)
{
    struct net_prefix prefix;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    /* A network without a length would quietly be a single address. */
    if (!strchr(node->text, '/') || !net_prefix_parse(node->text, bits, &prefix))
        return parse_failed(b, type, key, node);
    *out = prefix;
    return true;
}

static bool read_network(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    struct net_prefix prefix = {.length = 0};
    if (!read_prefix(b, type, key, node, NET_PREFIX_MASK, &prefix))
        return false;
    if (type == &scn_network && prefix.addr.family != NET_ADDR_IP4)
        return scn_bind_error(b, "not-yet-supported", node, key, "hosts and LANs have IPv4 alone",
                              "the IPv6 network %s is not yet supported here", node->text);
    *(struct net_prefix *)slot = prefix;
    return true;
}

const struct scn_type scn_network = {
    .kind = SCN_TYPE_VALUE,
    .name = "an IPv4 network",
    .about = "write it in CIDR notation: 192.168.1.0/24",
    .read = read_network,
    .schema = "\"$ref\": \"#/definitions/ipv4Network\"",
};

const struct scn_type scn_any_network = {
    .kind = SCN_TYPE_VALUE,
    .name = "a network",
    .about = "write it in CIDR notation: 192.168.1.0/24 or 2001:db8::/32",
    .read = read_network,
    .schema = "\"$ref\": \"#/definitions/network\"",
};

static bool read_own_address(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct net_prefix prefix = {.length = 0};
    uint8_t family = type == &scn_own_address ? NET_ADDR_IP4 : NET_ADDR_IP6;
    if (!read_prefix(b, type, key, node, NET_PREFIX_KEEP, &prefix))
        return false;
    if (prefix.addr.family != family)
        return parse_failed(b, type, key, node);
    *(struct net_prefix *)slot = prefix;
    return true;
}

const struct scn_type scn_own_address = {
    .kind = SCN_TYPE_VALUE,
    .name = "an IPv4 address with its prefix length",
    .about = "write the gateway's own address in CIDR notation: 192.168.1.5/24",
    .read = read_own_address,
    .schema = "\"$ref\": \"#/definitions/ipv4Network\"",
};

const struct scn_type scn_own_address6 = {
    .kind = SCN_TYPE_VALUE,
    .name = "an IPv6 address with its prefix length",
    .about = "write the gateway's own address in CIDR notation: 2001:db8::5/64",
    .read = read_own_address,
    .schema = "\"$ref\": \"#/definitions/network\"",
};

static bool read_cidr(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    struct topo_cidr *cidr = slot;
    cidr->where = node->where;
    return read_prefix(b, type, key, node, NET_PREFIX_MASK, &cidr->prefix);
}

const struct scn_type scn_cidr = {
    .kind = SCN_TYPE_VALUE,
    .name = "a network",
    .about = "write it in CIDR notation: 192.168.1.0/24, or 0.0.0.0/0 for any",
    .read = read_cidr,
    .schema = "\"$ref\": \"#/definitions/network\"",
};

const struct scn_type scn_cidrs = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of networks",
    .about = "a list of 1 to 20 networks in CIDR notation",
    .of = &scn_cidr,
    .size = sizeof(struct topo_cidr),
    .count_min = 1,
    .count_max = TOPO_CIDRS_MAX,
};

const struct scn_type scn_any_networks = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of networks",
    .about = "one network in CIDR notation, or a list of them",
    .of = &scn_any_network,
    .size = sizeof(struct net_prefix),
    .count_min = 1,
    .or_one = true,
};

const struct scn_type scn_ignored = {.kind = SCN_TYPE_IGNORED, .name = "anything"};
