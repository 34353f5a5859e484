/* By what mechanism a known difference applies; see known.def. */
#include "compare/known.h"

#include "ipsec/ike/wire.h"

static bool capabilities(const struct cmp_question *q)
{
    static const uint16_t TYPES[] = {
        IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS, IKE_NOTIFY_REDIRECT_SUPPORTED,
        IKE_NOTIFY_CHILDLESS_IKEV2_SUPPORTED, IKE_NOTIFY_MULTIPLE_AUTH_SUPPORTED,
        IKE_NOTIFY_EAP_ONLY_AUTHENTICATION,   IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC_SUPPORTED,
        IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS,    IKE_NOTIFY_NO_ADDITIONAL_ADDRESSES,
    };
    for (size_t i = 0; q->notify && i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
        if (q->notify->type == TYPES[i])
            return q->simulated_count == 0;
    return false;
}

static const struct cmp_known TABLE[] = {
#define KNOWN(function, code, reason) {code, reason, function},
#include "compare/known.def"
#undef KNOWN
};

size_t cmp_known_count(void)
{
    return sizeof(TABLE) / sizeof(TABLE[0]);
}

const struct cmp_known *cmp_known_at(size_t index)
{
    return &TABLE[index];
}

const struct cmp_known *cmp_known_find(const struct cmp_question *question)
{
    for (size_t i = 0; i < cmp_known_count(); i++)
        if (TABLE[i].applies(question))
            return &TABLE[i];
    return NULL;
}

const char *cmp_topic_name(enum cmp_topic topic)
{
    static const char *const NAMES[] = {"tunnel", "ping", "error", "step", "notify", "packets"};
    return NAMES[topic];
}
