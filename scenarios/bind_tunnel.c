/* The tables of a gateway's tunnels: the API's own properties. */
#include "ipsec/crypto/algorithm.h"
#include "scenarios/tables.h"

#include <ctype.h>
#include <string.h>

/* --- Algorithms ------------------------------------------------------------------------------- */

const char *scn_group_word(unsigned n)
{
    const struct crypto_group *group = crypto_group_at(n);
    return group ? group->product_name : NULL;
}

const char *scn_encryption_word(unsigned n)
{
    const struct crypto_encr *encr = crypto_encr_at(n);
    return encr ? encr->product_name : NULL;
}

const char *scn_integrity_word(unsigned n)
{
    const struct crypto_integ *integ = crypto_integ_at(n);
    return integ ? integ->product_name : NULL;
}

/* The product's names alone, as it writes them. */
static bool read_algorithm(struct scn_bind *b, const struct scn_type *type,
                           const struct scn_key *key, const struct scn_node *node, void *slot)
{
    const char *word;
    if (node->kind == SCN_LIST)
        return scn_bind_error(b, "wrong-type", node, key, "the product takes one value each",
                              "a list is not %s", type->name);
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    for (unsigned n = 0; (word = type->word(n)); n++) {
        if (strcmp(word, node->text) != 0)
            continue;
        if (type == &scn_group)
            *(const struct crypto_group **)slot = crypto_group_at(n);
        else if (type == &scn_encryption)
            *(const struct crypto_encr **)slot = crypto_encr_at(n);
        else
            *(const struct crypto_integ **)slot = crypto_integ_at(n);
        return true;
    }
    return scn_bind_bad_value(b, type, key, node);
}

#define ALGORITHM(id, called, words)                                                               \
    const struct scn_type id = {                                                                   \
        .kind = SCN_TYPE_VALUE,                                                                    \
        .name = called,                                                                            \
        .about = "one of the product's algorithms",                                                \
        .read = read_algorithm,                                                                    \
        .word = words,                                                                             \
    }

ALGORITHM(scn_group, "a Diffie-Hellman group of the product", scn_group_word);
ALGORITHM(scn_encryption, "an encryption algorithm of the product", scn_encryption_word);
ALGORITHM(scn_integrity, "an integrity algorithm of the product", scn_integrity_word);

static void proposal_begin(struct topo_proposal *proposal, const struct scn_node *node,
                           uint32_t lifetime_s)
{
    *proposal = (struct topo_proposal){
        .group = crypto_group_named("15-MODP3072"),
        .encryption = crypto_encr_named("AES128-CTR"),
        .integrity = crypto_integ_named("SHA256"),
        .lifetime_s = lifetime_s,
        .where = node->where,
        .group_where = node->where,
        .encryption_where = node->where,
        .integrity_where = node->where,
        .lifetime_where = node->where,
    };
}

static void ike_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    proposal_begin(object, node, TOPO_IKE_LIFETIME_DEFAULT_S);
}

static void esp_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    proposal_begin(object, node, TOPO_ESP_LIFETIME_DEFAULT_S);
}

#define PROPOSAL_KEYS(integrity_about, lifetime_default)                                           \
    {.name = "diffieHellmanGroup",                                                                 \
     .type = &scn_group,                                                                           \
     .offset = offsetof(struct topo_proposal, group),                                              \
     .where_offset = offsetof(struct topo_proposal, group_where),                                  \
     .standard = "\"15-MODP3072\""},                                                               \
        {.name = "encryptionAlgorithm",                                                            \
         .type = &scn_encryption,                                                                  \
         .offset = offsetof(struct topo_proposal, encryption),                                     \
         .where_offset = offsetof(struct topo_proposal, encryption_where),                         \
         .standard = "\"AES128-CTR\""},                                                            \
        {.name = "integrityAlgorithm",                                                             \
         .type = &scn_integrity,                                                                   \
         .offset = offsetof(struct topo_proposal, integrity),                                      \
         .where_offset = offsetof(struct topo_proposal, integrity_where),                          \
         .about = integrity_about,                                                                 \
         .standard = "\"SHA256\""},                                                                \
    {                                                                                              \
        .name = "lifetime", .type = &scn_u32,                                                      \
        .offset = offsetof(struct topo_proposal, lifetime_s),                                      \
        .where_offset = offsetof(struct topo_proposal, lifetime_where),                            \
        .min = TOPO_LIFETIME_MIN_S, .max = TOPO_LIFETIME_MAX_S, .about = "seconds",                \
        .standard = lifetime_default                                                               \
    }

static const struct scn_key ike_keys[] = {
    PROPOSAL_KEYS("with GCM or CCM it names the PRF", "86400")};
static const struct scn_key esp_keys[] = {PROPOSAL_KEYS("with GCM or CCM of no effect", "3600")};

static const struct scn_type ike = {
    .kind = SCN_TYPE_MAP,
    .name = "ike",
    .about = "{diffieHellmanGroup, encryptionAlgorithm, integrityAlgorithm, lifetime}, or {}",
    .keys = ike_keys,
    .key_count = SCN_COUNT(ike_keys),
    .size = sizeof(struct topo_proposal),
    .begin = ike_begin,
};

static const struct scn_type esp = {
    .kind = SCN_TYPE_MAP,
    .name = "esp",
    .about = "{diffieHellmanGroup, encryptionAlgorithm, integrityAlgorithm, lifetime}, or {}",
    .keys = esp_keys,
    .key_count = SCN_COUNT(esp_keys),
    .size = sizeof(struct topo_proposal),
    .begin = esp_begin,
};

/* --- Authentication --------------------------------------------------------------------------- */

static bool read_psk(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    size_t length = base_text_length(node->text);
    if (length < TOPO_PSK_MIN)
        return scn_bind_error(
            b, "psk-too-short", node, key, "make one with: openssl rand -base64 48",
            "the pre-shared key has %zu characters, the product asks for %d", length, TOPO_PSK_MIN);
    return scn_text.read(b, &scn_text, key, node, slot);
}

static const struct scn_type psk_key = {
    .kind = SCN_TYPE_VALUE,
    .name = "a pre-shared key",
    .about = "a text of at least 32 characters",
    .read = read_psk,
    .schema = "\"type\": \"string\", \"minLength\": 32",
};

/* auth and psk are maps of the API alone: what stands in them belongs to the tunnel. */
static const struct scn_key psk_keys[] = {
    {.name = "key",
     .type = &psk_key,
     .offset = offsetof(struct topo_tunnel, psk),
     .where_offset = offsetof(struct topo_tunnel, psk_where),
     .required = true,
     .about = "write the pre-shared key, at least 32 characters"},
};

static const struct scn_type psk = {
    .kind = SCN_TYPE_MAP,
    .name = "psk",
    .about = "{key: \"at least 32 characters\"}",
    .keys = psk_keys,
    .key_count = SCN_COUNT(psk_keys),
    .secret = true,
};

static const char *method_word(unsigned n)
{
    return n == 0 ? "PSK" : NULL;
}

static bool read_only_word(struct scn_bind *b, const struct scn_type *type,
                           const struct scn_key *key, const struct scn_node *node, void *slot)
{
    (void)slot;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    return !strcmp(node->text, type->word(0)) || scn_bind_bad_value(b, type, key, node);
}

static const struct scn_type method = {.kind = SCN_TYPE_VALUE,
                                       .name = "an authentication method",
                                       .read = read_only_word,
                                       .word = method_word};

static const struct scn_key auth_keys[] = {
    {.name = "method", .type = &method, .about = "PSK alone", .standard = "\"PSK\""},
    {.name = "psk",
     .type = &psk,
     .required = true,
     .about = "the API never tells the key; write psk: {key: \"...\"} with the one that was set"},
};

static const struct scn_type auth = {
    .kind = SCN_TYPE_MAP,
    .name = "auth",
    .about = "{method: PSK, psk: {key: \"at least 32 characters\"}}",
    .keys = auth_keys,
    .key_count = SCN_COUNT(auth_keys),
    .secret = true,
};

/* --- The tunnel ------------------------------------------------------------------------------- */

/* RFC 1123 host names: labels of letters, digits and hyphens. */
static bool is_host_name(const char *text)
{
    size_t label = 0, size = strlen(text);
    bool letter = false;
    if (size > 253)
        return false;
    for (const char *at = text; *at; at++) {
        bool alnum = isalnum((unsigned char)*at) || *at == '_';
        letter |= isalpha((unsigned char)*at) != 0;
        if (*at == '.' && (!label || at[-1] == '-'))
            return false;
        if (*at != '.' && !alnum && !(*at == '-' && label))
            return false;
        label = *at == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label && letter;
}

static bool read_remote_host(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct net_addr address = {0};
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (net_addr_parse(node->text, &address) && address.family != NET_ADDR_IP4)
        return scn_bind_error(b, "bad-value", node, key, "write an IPv4 address or a name",
                              "the product takes no IPv6 address ('%s')", node->text);
    if (!address.family && !is_host_name(node->text))
        return scn_bind_bad_value(b, type, key, node);
    *(const char **)slot = scn_bind_text(b, node->text);
    return true;
}

static const struct scn_type remote_host = {
    .kind = SCN_TYPE_VALUE,
    .name = "an IPv4 address or a host name",
    .about = "write the peer's public address (203.0.113.20), or its gateway's name",
    .read = read_remote_host,
    .schema = "\"type\": \"string\"",
};

/* The key in `tunnels` names the tunnel; a pasted `name` has to say the same. */
static bool read_tunnel_name(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    const char *name = *(const char **)slot;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!strcmp(name, node->text))
        return true;
    return scn_bind_error(
        b, "bad-value", node, key, "the key in `tunnels` is the tunnel's name; make them the same",
        "'%s' is not the name '%s' that the tunnel has in this file", node->text, name);
}

static const struct scn_type tunnel_name = {
    .kind = SCN_TYPE_VALUE,
    .name = "the tunnel's name",
    .about = "the same as its key in `tunnels`",
    .read = read_tunnel_name,
    .schema = "\"type\": \"string\", \"maxLength\": 255",
};

static const struct scn_key tunnel_keys[] = {
    {.name = "name",
     .type = &tunnel_name,
     .offset = offsetof(struct topo_tunnel, name),
     .about = "the API's; here the tunnel's key is its name, and this, if given, says the same"},
    {.name = "description",
     .type = &scn_long_text,
     .offset = offsetof(struct topo_tunnel, description),
     .max = TOPO_DESCRIPTION_MAX},
    {.name = "remoteHost",
     .type = &remote_host,
     .offset = offsetof(struct topo_tunnel, remote_host),
     .where_offset = offsetof(struct topo_tunnel, remote_host_where),
     .required = true,
     .about = "the peer's public IPv4 address, or the name of its gateway"},
    {.name = "auth",
     .type = &auth,
     .required = true,
     .about = "{method: PSK, psk: {key: \"at least 32 characters\"}}"},
    {.name = "ike",
     .type = &ike,
     .offset = offsetof(struct topo_tunnel, ike),
     .required = true,
     .about = "the IKE SA's algorithms and lifetime; {} takes the defaults"},
    {.name = "esp",
     .type = &esp,
     .offset = offsetof(struct topo_tunnel, esp),
     .required = true,
     .about = "the child SAs' algorithms and lifetime; {} takes the defaults"},
    {.name = "cloudNetworkCIDRs",
     .type = &scn_cidrs,
     .offset = offsetof(struct topo_tunnel, cloud),
     .count_offset = offsetof(struct topo_tunnel, cloud_count),
     .where_offset = offsetof(struct topo_tunnel, cloud_where),
     .required = true,
     .about = "this side's networks that may use the tunnel: 1 to 20"},
    {.name = "peerNetworkCIDRs",
     .type = &scn_cidrs,
     .offset = offsetof(struct topo_tunnel, peer),
     .count_offset = offsetof(struct topo_tunnel, peer_count),
     .where_offset = offsetof(struct topo_tunnel, peer_where),
     .required = true,
     .about = "the peer's networks that may use the tunnel: 1 to 20"},
    {.name = "localId",
     .type = &scn_text,
     .offset = offsetof(struct topo_tunnel, local_id),
     .where_offset = offsetof(struct topo_tunnel, local_id_where),
     .min = 1,
     .max = 255,
     .about = "what this gateway calls itself in IKE_AUTH; default its public address"},
    {.name = "remoteId",
     .type = &scn_text,
     .offset = offsetof(struct topo_tunnel, remote_id),
     .where_offset = offsetof(struct topo_tunnel, remote_id_where),
     .min = 1,
     .max = 255,
     .about = "what the peer has to call itself; default remoteHost"},
};

const struct scn_type scn_type_tunnel = {
    .kind = SCN_TYPE_MAP,
    .name = "tunnel",
    .about = "a tunnel's properties, as the API has them",
    .keys = tunnel_keys,
    .key_count = SCN_COUNT(tunnel_keys),
    .size = sizeof(struct topo_tunnel),
};
