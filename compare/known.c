/* By what mechanism a known difference applies; see known.def. */
#include "compare/known.h"

#include <string.h>

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

/* Algorithms, of SAs that are up in both; and a guess at the group that only one of the two has to make twice. */
static bool choice(const struct cmp_question *q)
{
    if (q->topic == CMP_TOPIC_NOTIFY)
        return q->traits->choice && q->notify->type == IKE_NOTIFY_INVALID_KE_PAYLOAD;
    return q->topic == CMP_TOPIC_TUNNEL && q->traits->choice && q->tunnel->ike &&
           q->real_tunnel->ike && (!strcmp(q->aspect, "IKE") || !strcmp(q->aspect, "ESP"));
}

/* Whether requests of both ends cross is a matter of milliseconds. */
static bool both_begin(const struct cmp_question *q)
{
    if (!q->traits->both)
        return false;
    if (q->topic == CMP_TOPIC_NOTIFY)
        return q->notify->type == IKE_NOTIFY_INITIAL_CONTACT; /* of whoever was not too late */
    return q->topic == CMP_TOPIC_TUNNEL && !strcmp(q->aspect, "child SAs") &&
           q->simulated_count == 1 && q->real_count == 2;
}

static bool half_open(const struct cmp_question *q)
{
    if (q->topic == CMP_TOPIC_STEP) /* nor is there anything of that name to be rekeyed */
        return !strcmp(q->outcome->state, "connecting") && !strcmp(q->real_outcome->state, "down");
    return q->topic == CMP_TOPIC_TUNNEL && !strcmp(q->aspect, "state") &&
           !strcmp(q->tunnel->state, "connecting") && !strcmp(q->real_tunnel->state, "down") &&
           !q->tunnel->ike && !q->real_tunnel->ike;
}

static bool is_told(const struct cmp_facts *facts, uint16_t type)
{
    for (size_t i = 0; i < facts->notify_count; i++)
        if (!facts->notifies[i].sent && facts->notifies[i].type == type)
            return true;
    return false;
}

/* RFC 7296, 2.21.1. What both worlds refuse, on port 500. */
static bool refusals(const struct cmp_question *q)
{
    return q->topic == CMP_TOPIC_PACKETS && q->kind == CMP_KIND_IKE &&
           is_told(q->simulated, IKE_NOTIFY_NO_PROPOSAL_CHOSEN) &&
           is_told(q->real, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
}

static bool fails_by_key(const struct cmp_facts *facts)
{
    for (size_t i = 0; i < facts->notify_count; i++)
        if (facts->notifies[i].type == IKE_NOTIFY_AUTHENTICATION_FAILED)
            return true;
    return false;
}

/* Whatever comes of a tunnel that is up in the one world, or refused by the other end. */
static bool every_key(const struct cmp_question *q)
{
    return q->traits->keys && (fails_by_key(q->simulated) || fails_by_key(q->real));
}

static bool is_ended_here_alone(const struct cmp_outcome *ours, const struct cmp_outcome *theirs)
{
    return !strncmp(ours->text, "terminate", strlen("terminate")) && !strcmp(ours->state, "down") &&
           strcmp(theirs->state, "down") != 0;
}

/* The Delete that came again is answered here; charon goes on asking. */
static bool forgotten(const struct cmp_question *q)
{
    const struct cmp_facts *ours = q->simulated, *theirs = q->real;
    uint64_t copies = ours->packets[CMP_KIND_IKE].copies + ours->packets[CMP_KIND_IKE_NATT].copies;
    if (!copies || q->topic == CMP_TOPIC_NOTIFY)
        return false;
    for (size_t i = 0; i < ours->outcome_count && i < theirs->outcome_count; i++)
        if (is_ended_here_alone(&ours->outcomes[i], &theirs->outcomes[i]))
            return true;
    return false;
}

static uint64_t updates(const struct cmp_facts *facts)
{
    uint64_t count = 0;
    for (size_t i = 0; i < facts->notify_count; i++)
        if (facts->notifies[i].sent && facts->notifies[i].type == IKE_NOTIFY_UPDATE_SA_ADDRESSES)
            count += facts->notifies[i].count;
    return count;
}

/* The update that one sends and the other does not, and what passes because of it. */
static bool first_mapping(const struct cmp_question *q)
{
    if (!q->traits->nat || !updates(q->simulated) || updates(q->real))
        return false;
    switch (q->topic) {
    case CMP_TOPIC_NOTIFY:
        return q->notify->type == IKE_NOTIFY_UPDATE_SA_ADDRESSES ||
               q->notify->type == IKE_NOTIFY_COOKIE2;
    case CMP_TOPIC_PING:
        return q->simulated_count > q->real_count;
    case CMP_TOPIC_PACKETS:
        return q->kind == CMP_KIND_IKE_NATT || q->kind == CMP_KIND_ESP_UDP ||
               q->kind == CMP_KIND_ICMP;
    case CMP_TOPIC_TUNNEL:
    case CMP_TOPIC_ERROR:
    case CMP_TOPIC_FLOW:
    case CMP_TOPIC_STEP:
        break;
    }
    return false;
}

static bool siblings(const struct cmp_question *q)
{
    return q->traits->siblings && q->topic == CMP_TOPIC_TUNNEL;
}

static bool to_itself(const struct cmp_question *q)
{
    return q->traits->itself && (q->topic == CMP_TOPIC_NOTIFY || q->topic == CMP_TOPIC_TUNNEL);
}

static bool address_race(const struct cmp_question *q)
{
    return q->traits->shared && (q->topic == CMP_TOPIC_PING || q->topic == CMP_TOPIC_PACKETS);
}

static const struct cmp_known TABLE[] = {
#define KNOWN(function, code, everywhere, reason) {code, reason, everywhere, function},
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
    static const char *const NAMES[] = {"tunnel", "ping",   "error",  "traffic",
                                        "step",   "notify", "packets"};
    return NAMES[topic];
}
